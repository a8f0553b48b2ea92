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
            throw Prerequisite.Missing("The tests bring the Bicep compiler for Linux on x64 only (Azure.Bicep.CommandLine.linux-x64).");
        }

        return Tool.RunAsync(program, arguments);
    }
}
