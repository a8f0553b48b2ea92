using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Infra;

/// <summary>Runs Microsoft's Bicep compiler, which comes as a NuGet package and needs no network.</summary>
internal static class Bicep
{
    /// <summary>The template of the repository.</summary>
    public static string Template { get; } = Path.Combine(Prerequisite.RepositoryRoot, "infra.bicep");

    /// <summary>Runs it and waits for its end.</summary>
    public static Task<ToolResult> RunAsync(params string[] arguments)
    {
        var program = typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Bicep").Value!;
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64 || !File.Exists(program))
        {
            throw Prerequisite.Missing("The Bicep compiler is there for Linux on x64 only (NuGet package Azure.Bicep.CommandLine.linux-x64).");
        }

        return RunAsync(program, arguments);
    }

    /// <summary>Runs a program without the settings of this test run and waits for its end.</summary>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Prerequisite.RepositoryRoot,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("FunctionsHost");
        using var process = Process.Start(start)!;
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation);
            return new ToolResult(process.ExitCode, await output, await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}

/// <summary>What a program left behind.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors);
