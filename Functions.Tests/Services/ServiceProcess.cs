using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CasFunctions.Tests.Services;

/// <summary>
/// A program that runs beside the tests and ends with them: on disposal, and on Linux also when the test process is killed.
/// The last lines of its output are kept for error messages.
/// </summary>
public sealed partial class ServiceProcess : IAsyncDisposable
{
    private const int LinesKept = 200;
    private const int Terminate = 15;
    private static readonly BlockingCollection<Action> Launches = StartLauncher();

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;
    private readonly string _name;

    private ServiceProcess(
        string program, IEnumerable<string> arguments, string workingFolder, IReadOnlyDictionary<string, string>? environment = null)
    {
        _name = Path.GetFileName(program);
        var start = new ProcessStartInfo
        {
            WorkingDirectory = workingFolder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The kernel kills the child when the thread that started it ends, even if nothing here gets a chance to do it.
        if (Prerequisite.Find("setpriv") is { } setpriv)
        {
            start.FileName = setpriv;
            start.ArgumentList.Add("--pdeathsig");
            start.ArgumentList.Add("KILL");
            start.ArgumentList.Add(program);
        }
        else
        {
            start.FileName = program;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>The process id; with <c>setpriv</c> that of the program itself, which takes its place.</summary>
    public int Id => _process.Id;

    /// <summary>The last lines of what the program wrote.</summary>
    public IReadOnlyCollection<string> Output => _lines;

    /// <summary>Starts a program and waits until it is ready.</summary>
    /// <param name="program">Its full path.</param>
    /// <param name="arguments">Its arguments, one by one.</param>
    /// <param name="workingFolder">Where it runs.</param>
    /// <param name="ready">Asked until it is true; connection errors count as "not yet".</param>
    /// <param name="deadline">The time it has to get ready.</param>
    /// <param name="environment">What its environment has besides this process's.</param>
    /// <exception cref="InvalidOperationException">It ended or was not ready in time; the message holds the end of its output.</exception>
    public static async Task<ServiceProcess> StartAsync(
        string program,
        IEnumerable<string> arguments,
        string workingFolder,
        Func<ServiceProcess, CancellationToken, Task<bool>> ready,
        TimeSpan deadline,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var service = new ServiceProcess(program, arguments, workingFolder, environment);
        try
        {
            await service.LaunchAsync();
            await Eventually.TrueAsync(token => service.IsReadyAsync(ready, token), deadline);
            return service;
        }
        catch (Exception error)
        {
            await service.DisposeAsync();
            throw new InvalidOperationException(
                $"{service._name} did not start: {error.Message}\n{string.Join('\n', service._lines)}", error);
        }
    }

    /// <summary>Runs a program to its end and returns its standard output.</summary>
    /// <exception cref="InvalidOperationException">It ended with an error or after the deadline.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string workingFolder, TimeSpan deadline)
    {
        await using var command = new ServiceProcess(program, arguments, workingFolder);
        using var timeout = new CancellationTokenSource(deadline);
        await command.LaunchAsync();
        await command._process.WaitForExitAsync(timeout.Token);
        var output = string.Join('\n', command._lines);
        return command._process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{command._name} ended with {command._process.ExitCode}.\n{output}");
    }

    /// <summary>A TCP port of the loopback address that was free a moment ago, for programs that can't choose one themselves.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Asks it to end, by SIGTERM, and waits until it has.</summary>
    /// <exception cref="OperationCanceledException">It did not end before the deadline.</exception>
    public async Task StopAsync(TimeSpan deadline)
    {
        using var timeout = new CancellationTokenSource(deadline);
        if (!_process.HasExited && Signal(_process.Id, Terminate) != 0)
        {
            throw new InvalidOperationException($"{_name} could not be asked to end.");
        }

        await _process.WaitForExitAsync(timeout.Token);
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        Kill();
        if (IsStarted)
        {
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private bool IsStarted { get; set; }

    private async Task LaunchAsync()
    {
        var launched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Launches.Add(() =>
        {
            try
            {
                _process.Start();
                launched.SetResult();
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                launched.SetException(error);
            }
        });
        await launched.Task;
        IsStarted = true;
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task<bool> IsReadyAsync(Func<ServiceProcess, CancellationToken, Task<bool>> ready, CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"it ended with {_process.ExitCode}.");
        }

        try
        {
            return await ready(this, cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _lines.Enqueue(line);
        if (_lines.Count > LinesKept)
        {
            _lines.TryDequeue(out _);
        }
    }

    private void KillAtExit(object? sender, EventArgs e) => Kill();

    private void Kill()
    {
        if (IsStarted && !_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int process, int signal);

    // The kernel's parent-death signal follows the thread that forked, and pool threads come and go: one thread that lives as
    // long as the process starts all of them.
    private static BlockingCollection<Action> StartLauncher()
    {
        var launches = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var launch in launches.GetConsumingEnumerable())
            {
                launch();
            }
        })
        {
            IsBackground = true,
            Name = "service launcher",
        };
        thread.Start();
        return launches;
    }
}
