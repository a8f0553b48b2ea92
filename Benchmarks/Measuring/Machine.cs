using System.Runtime.InteropServices;
using System.Text.Json;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Measuring;

/// <summary>What the measurements depend on besides the code.</summary>
internal static class Machine
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Names and versions of the machine and of the programs that take part; what isn't there is told as missing.</summary>
    public static async Task<IReadOnlyList<(string Name, string Value)>> DescribeAsync() =>
    [
        ("Processor", $"{ProcessorName()}, {Environment.ProcessorCount} cores"),
        ("Memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024):0.0} GiB"),
        ("Load average at the start", (await ReadAsync("/proc/loadavg")).Split(' ')[0]),
        ("System", $"{await SystemNameAsync()}, Linux {(await ReadAsync("/proc/sys/kernel/osrelease")).Trim()}"),
        (".NET", RuntimeInformation.FrameworkDescription.Replace(".NET ", "", StringComparison.Ordinal)),
        ("Commit", await VersionAsync("git", "-C", AppContext.BaseDirectory, "describe", "--always", "--dirty")),
        ("Azurite", AzuriteVersion()),
        ("Node.js", await VersionAsync("node", "--version")),
        ("Registry", await VersionAsync("docker-registry", "--version")),
        ("Ceph", await VersionAsync("radosgw", "--version")),
        ("curl", await VersionAsync("curl", "--version")),
    ];

    private static string ProcessorName() => File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";

    private static async Task<string> SystemNameAsync() => (await ReadAsync("/etc/os-release")).Split('\n')
        .FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"') ?? "Linux";

    private static async Task<string> ReadAsync(string path) => File.Exists(path) ? await File.ReadAllTextAsync(path) : "";

    private static async Task<string> VersionAsync(string program, params string[] arguments)
    {
        try
        {
            var output = await ServiceProcess.RunAsync(
                Prerequisite.Program(program, "PATH"), arguments, Path.GetTempPath(), Patience);
            return output.Split('\n')[0].Split(' ').FirstOrDefault(word => word.Any(char.IsDigit)) ?? output.Trim();
        }
        catch (Exception missing) when (missing is not OperationCanceledException)
        {
            return "missing";
        }
    }

    private static string AzuriteVersion()
    {
        try
        {
            var program = Prerequisite.Installed(".tools/azurite/node_modules/azurite/package.json", "tools/azurite/install");
            using var package = JsonDocument.Parse(File.ReadAllBytes(program));
            return package.RootElement.GetProperty("version").GetString() ?? "unknown";
        }
        catch (Exception missing) when (missing is not OperationCanceledException)
        {
            return "missing";
        }
    }
}
