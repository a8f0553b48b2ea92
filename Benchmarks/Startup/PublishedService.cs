using System.Runtime.InteropServices;
using CasFunctions.Benchmarks.Servers;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Startup;

/// <summary>The service as <c>dotnet publish</c> makes it, in a folder that is gone at the end.</summary>
internal sealed class PublishedService : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly TemporaryFolder _folder;

    private PublishedService(string name, TemporaryFolder folder)
    {
        Name = name;
        _folder = folder;
    }

    /// <summary>How it was compiled.</summary>
    public string Name { get; }

    /// <summary>Its program, as arguments for <see cref="BenchPrograms.Dotnet"/>.</summary>
    public IReadOnlyList<string> Program => [_folder["CasFunctions.dll"]];

    /// <summary>Publishes it for the local host.</summary>
    /// <param name="ahead">Whether its code is compiled for this machine ahead of time, not when it runs first.</param>
    public static async Task<PublishedService> PublishAsync(bool ahead)
    {
        var folder = new TemporaryFolder();
        try
        {
            List<string> arguments =
            [
                "publish", "Functions/Functions.csproj", "--configuration", "Release", "--output", folder.FullPath, "--nologo",
                "-p:FunctionsHost=Local", $"-p:PublishReadyToRun={(ahead ? "true" : "false")}",
            ];
            if (ahead)
            {
                var processor = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
                arguments.AddRange(["--runtime", $"linux-{processor}", "--no-self-contained"]);
            }

            var root = Path.GetDirectoryName(Prerequisite.Installed("CasFunctions.sln", "git"))!;
            await ServiceProcess.RunAsync(Prerequisite.Program("dotnet", ".NET SDK 10"), arguments, root, Patience);
            return new PublishedService(ahead ? "ReadyToRun" : "compiled when it runs", folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
