using System.Collections.Frozen;

namespace CasFunctions.Console;

/// <summary>The web console's files, which the build embeds in this assembly. A path is looked up among them, and never opened.</summary>
public sealed class ConsoleFiles
{
    private const string Root = "Console/";
    private const string Start = "index.html";

    /// <summary>The folder whose files have a hash of their content in their names.</summary>
    private const string Hashed = "assets/";

    private static readonly FrozenDictionary<string, string> MediaTypes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [".css"] = "text/css; charset=utf-8",
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".json"] = "application/json",
        [".png"] = "image/png",
        [".svg"] = "image/svg+xml",
        [".txt"] = "text/plain; charset=utf-8",
        [".wasm"] = "application/wasm",
        [".webmanifest"] = "application/manifest+json",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FrozenDictionary<string, ConsoleFile> _files;

    /// <summary>Reads the embedded files.</summary>
    public ConsoleFiles()
    {
        var assembly = typeof(ConsoleFiles).Assembly;
        _files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Root, StringComparison.Ordinal))
            .ToFrozenDictionary(
                name => name[Root.Length..],
                name =>
                {
                    using var stream = assembly.GetManifestResourceStream(name)!;
                    var bytes = new byte[stream.Length];
                    stream.ReadExactly(bytes);
                    return new ConsoleFile(
                        MediaTypes.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream"),
                        name.StartsWith(Root + Hashed, StringComparison.Ordinal),
                        bytes);
                },
                StringComparer.Ordinal);
    }

    /// <summary>Finds a file; null when there is none of just that name.</summary>
    /// <param name="path">Its path below the console's address; empty for the page that everything starts with.</param>
    public ConsoleFile? Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return _files.GetValueOrDefault(path.Length == 0 ? Start : path);
    }
}
