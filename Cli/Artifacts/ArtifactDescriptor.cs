using System.Globalization;
using System.Text.Json;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Artifacts;

/// <summary>Reads the members of an artifact's in-toto ResourceDescriptor.</summary>
internal static class ArtifactDescriptor
{
    /// <summary>What the service's annotations begin with.</summary>
    private const string Prefix = "casfunctions.";

    /// <summary>What the service adds to the descriptor.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="name">The annotation's name, such as <c>backend</c>.</param>
    public static string? Annotation(this JsonElement descriptor, string name) => descriptor.Member("annotations")?.Text(Prefix + name);

    /// <summary>The content's size in bytes; null when it isn't told.</summary>
    public static long? Size(JsonElement descriptor) =>
        long.TryParse(descriptor.Annotation("size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;

    /// <summary>The content's digest as text.</summary>
    public static string Digest(JsonElement descriptor) => "sha256:" + descriptor.Member("digest")?.Text("sha256");

    /// <summary>True when the content is meant to be embedded in attestations.</summary>
    public static bool IsInline(JsonElement descriptor) => descriptor.Annotation("inline") == "true";
}
