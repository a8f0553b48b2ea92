namespace CasFunctions.Benchmarks.Servers;

/// <summary>The programs that the benchmarks run, as arguments for <see cref="Dotnet"/>.</summary>
internal static class BenchPrograms
{
    /// <summary>The program that runs .NET programs.</summary>
    public static string Dotnet { get; } =
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    /// <summary>This program.</summary>
    public static string Bench { get; } = InFolder("CasFunctions.Benchmarks.dll");

    /// <summary>The service as it is.</summary>
    public static IReadOnlyList<string> Service { get; } = [InFolder("CasFunctions.dll")];

    /// <summary>A command of this program that runs with the settings of the service's runtime, not with its own.</summary>
    /// <param name="command">The command's name.</param>
    public static IReadOnlyList<string> LikeService(string command) =>
    [
        "exec",
        "--runtimeconfig",
        InFolder("CasFunctions.runtimeconfig.json"),
        "--depsfile",
        InFolder("CasFunctions.Benchmarks.deps.json"),
        Bench,
        command,
    ];

    private static string InFolder(string file) => Path.Combine(AppContext.BaseDirectory, file);
}
