using System.Globalization;
using System.Text;
using System.Text.Json;
using CasFunctions.Digests;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// The artifact manifest that names one blob, so that the registry's garbage collection keeps it, people see it in listings, and
/// the session that stored it can be told.
/// </summary>
public static class EvidenceManifest
{
    /// <summary>The media type of the manifest itself.</summary>
    public const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>What kind of artifact it is.</summary>
    public const string ArtifactType = "application/vnd.casfunctions.evidence.v1";

    /// <summary>Media type of the empty config (OCI image specification 1.1, "Guidance for an Empty Descriptor").</summary>
    public const string EmptyMediaType = "application/vnd.oci.empty.v1+json";

    /// <summary>The annotation that holds <see cref="BlobDescriptor.Nonce"/>.</summary>
    public const string NonceAnnotation = "casfunctions.nonce";

    /// <summary>The annotation under whose value <c>oras pull</c> writes the file.</summary>
    public const string TitleAnnotation = "org.opencontainers.image.title";

    /// <summary>Longest title in bytes of UTF-8: what common file systems take as a name.</summary>
    private const int MaxTitleBytes = 255;

    private static readonly byte[] EmptyConfigBytes = "{}"u8.ToArray();

    /// <summary>The content of the empty config.</summary>
    public static ReadOnlyMemory<byte> EmptyConfig => EmptyConfigBytes;

    /// <summary>The digest of the empty config.</summary>
    public static Sha256Digest EmptyConfigDigest { get; } = Sha256Digest.Of(EmptyConfigBytes);

    /// <summary>
    /// The tag under which a blob's manifest stands. Not <c>sha256-…</c>, which is the referrers fallback of OCI 1.1, where
    /// clients expect an index.
    /// </summary>
    public static string Tag(Sha256Digest digest) => $"cas-{digest.Hex}";

    /// <summary>Writes the manifest that names a blob.</summary>
    public static byte[] Write(BlobDescriptor blob)
    {
        ArgumentNullException.ThrowIfNull(blob);
        var title = new Dictionary<string, string>(StringComparer.Ordinal) { [TitleAnnotation] = Title(blob) };
        var nonce = new Dictionary<string, string>(StringComparer.Ordinal) { [NonceAnnotation] = blob.Nonce };
        var config = new OciDescriptor(EmptyMediaType, EmptyConfigDigest.ToString(), EmptyConfigBytes.Length, Annotations: null);
        var layer = new OciDescriptor(blob.MediaType ?? "application/octet-stream", blob.Digest.ToString(), blob.Size, title);
        return JsonSerializer.SerializeToUtf8Bytes(
            new OciManifest(2, MediaType, ArtifactType, config, [layer], nonce), OciJson.Default.OciManifest);
    }

    /// <summary>
    /// Reads a manifest that stands at a blob's tag.
    /// </summary>
    /// <param name="manifest">The manifest's bytes.</param>
    /// <param name="digest">The blob's digest.</param>
    /// <param name="nonce">The nonce of the session that stored it, where it has one.</param>
    /// <returns>False when it is no manifest that keeps this blob.</returns>
    public static bool TryRead(ReadOnlySpan<byte> manifest, Sha256Digest digest, out string? nonce)
    {
        nonce = null;
        try
        {
            var read = JsonSerializer.Deserialize(manifest, OciJson.Default.OciManifest);
            if (read?.Layers is null || !read.Layers.Any(layer => digest.ToString().Equals(layer?.Digest, StringComparison.Ordinal)))
            {
                return false;
            }

            read.Annotations?.TryGetValue(NonceAnnotation, out nonce);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>
    /// The file name to which clients write the blob: the client's name without folders, control and formatting characters, and
    /// what Windows refuses; the digest's digits where nothing is left.
    /// </summary>
    public static string Title(BlobDescriptor blob)
    {
        ArgumentNullException.ThrowIfNull(blob);
        var name = blob.Name ?? "";
        name = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var title = new StringBuilder();
        var bytes = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            // An unpaired surrogate arrives here as U+FFFD.
            var kept = IsPlain(rune) ? rune : new Rune('_');
            bytes += kept.Utf8SequenceLength;
            if (bytes > MaxTitleBytes)
            {
                break;
            }

            title.Append(kept.ToString());
        }

        // Windows drops blanks and dots at the end, and "." and ".." are folders.
        var result = title.ToString().Trim(' ').TrimEnd('.', ' ');
        return result.Length > 0 ? result : blob.Digest.Hex;
    }

    private static bool IsPlain(Rune rune) =>
        !"<>:\"|?*".Contains(rune.ToString(), StringComparison.Ordinal)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
