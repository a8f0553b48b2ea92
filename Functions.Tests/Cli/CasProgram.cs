using System.Diagnostics;
using System.Text;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary>What a run of the command line left.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output, byte for byte.</param>
/// <param name="Errors">Its standard error.</param>
public sealed record CasRun(int ExitCode, byte[] Output, string Errors)
{
    /// <summary>The standard output as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);

    /// <summary>Fails the test when the exit code is another.</summary>
    public CasRun Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Expected {exitCode}, got {ExitCode}.\n{Text}\n{Errors}");
        return this;
    }
}

/// <summary>
/// A user of the command line, with a home of their own and without a terminal. Each run is the built program as a process.
/// </summary>
public sealed class CasProgram : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "command-line", "cas.dll");

    /// <summary>What the tests' own CI system may have set.</summary>
    private static readonly string[] VariablesOfJobs =
    [
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "CAS_ID_TOKEN", "CAS_ORG",
        "CAS_SERVICE_CONNECTION_ID", "GITHUB_ACTIONS", "GITLAB_CI", "SYSTEM_ACCESSTOKEN", "SYSTEM_OIDCREQUESTURI", "TF_BUILD",
    ];

    private readonly TemporaryFolder _home = new();
    private readonly Dictionary<string, string?> _variables = new(StringComparer.Ordinal);

    /// <summary>Makes a user.</summary>
    /// <param name="address">The service, by environment variable; null for none.</param>
    /// <param name="token">The token, likewise.</param>
    public CasProgram(Uri? address = null, string? token = null)
    {
        var bin = Directory.CreateDirectory(_home["bin"]).FullName;
        var command = _home.Write("bin/cas", $"#!/bin/sh\nexec '{Dotnet}' '{Program}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        Folder = Directory.CreateDirectory(_home["work"]).FullName;
        this["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}";
        this["HOME"] = _home.FullPath;
        this["XDG_CONFIG_HOME"] = _home["config"];
        this["XDG_STATE_HOME"] = _home["state"];
        this["CAS_ADDRESS"] = address?.ToString();
        this["CAS_TOKEN"] = token;
        foreach (var variable in VariablesOfJobs)
        {
            this[variable] = null;
        }
    }

    /// <summary>A user of a tenant's service with its owner's token.</summary>
    public CasProgram(Tenant tenant)
        : this(tenant?.Address, tenant?.OwnerToken)
    {
    }

    /// <summary>The folder in which commands run.</summary>
    public string Folder { get; }

    /// <summary>The user's configuration.</summary>
    public string ConfigFolder => _home["config/cas"];

    /// <summary>The user's transfers that can be continued.</summary>
    public IEnumerable<FileInfo> Records =>
        Directory.Exists(_home["state/cas"]) ? new DirectoryInfo(_home["state/cas"]).EnumerateFiles("*", SearchOption.AllDirectories) : [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Dotnet =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : Prerequisite.Program("dotnet", ".NET SDK");

    /// <summary>Sets an environment variable, or removes it.</summary>
    public string? this[string variable]
    {
        set => _variables[variable] = value;
    }

    /// <summary>Writes a file into <see cref="Folder"/> and returns its path.</summary>
    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>The names of all files in <see cref="Folder"/>, hidden ones included.</summary>
    public IReadOnlyList<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal)];

    /// <summary>Runs a command.</summary>
    public Task<CasRun> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <summary>Runs a command that reads this on standard input.</summary>
    public async Task<CasRun> RunAsync(byte[]? input, params string[] arguments) => await FinishAsync(Start(Dotnet, [Program, .. arguments]), input);

    /// <summary>Runs lines of a shell, in which <c>cas</c> is the program, and stops at the first that fails.</summary>
    public async Task<CasRun> ShellAsync(string script) =>
        await FinishAsync(Start(Prerequisite.Program("bash", "Debian package bash"), ["-euo", "pipefail", "-c", script]), null);

    /// <summary>Runs a command on a pseudo-terminal, on which the user types; what it shows comes as standard output.</summary>
    public async Task<CasRun> OnTerminalAsync(string typed, string command)
    {
        var script = Prerequisite.Program("script", "Debian package bsdutils");
        return await FinishAsync(Start(script, ["-qec", command, "/dev/null"]), Encoding.UTF8.GetBytes(typed));
    }

    /// <summary>Starts a command without waiting for its end.</summary>
    public Process Start(params string[] arguments) => Start(Dotnet, [Program, .. arguments]);

    /// <inheritdoc/>
    public void Dispose() => _home.Dispose();

    private static async Task<CasRun> FinishAsync(Process process, byte[]? input)
    {
        using (process)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            deadline.CancelAfter(Deadline);
            try
            {
                using var output = new MemoryStream();
                var reading = process.StandardOutput.BaseStream.CopyToAsync(output, deadline.Token);
                var errors = process.StandardError.ReadToEndAsync(deadline.Token);
                if (input is not null)
                {
                    await process.StandardInput.BaseStream.WriteAsync(input, deadline.Token);
                    await process.StandardInput.BaseStream.FlushAsync(deadline.Token);
                }

                process.StandardInput.Close();
                await process.WaitForExitAsync(deadline.Token);
                await reading;
                return new CasRun(process.ExitCode, output.ToArray(), await errors);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }

    private Process Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in _variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
