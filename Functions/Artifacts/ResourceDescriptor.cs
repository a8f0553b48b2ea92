using System.Globalization;
using System.Text.Json.Serialization;
using CasFunctions.Backends;
using CasFunctions.Providers.Inline;

namespace CasFunctions.Artifacts;

/// <summary>
/// An artifact as in-toto describes resources (in-toto Attestation Framework, ResourceDescriptor v1), so that it can go into a statement
/// as it is.
/// </summary>
public sealed record ResourceDescriptor
{
    /// <summary>The file name.</summary>
    public string? Name { get; init; }

    /// <summary>The content's digests by algorithm.</summary>
    public required ArtifactDigests Digest { get; init; }

    /// <summary>The content itself, for inline artifacts and readers who may have it; base64 in JSON.</summary>
    public byte[]? Content { get; init; }

    /// <summary>Where the content can be fetched with a downloader's token.</summary>
    public string? DownloadLocation { get; init; }

    /// <summary>The media type.</summary>
    public string? MediaType { get; init; }

    /// <summary>What this service knows besides.</summary>
    public required ArtifactAnnotations Annotations { get; init; }

    /// <summary>Describes an artifact.</summary>
    /// <param name="copy">The copy that stands for it.</param>
    /// <param name="label">The name to show; the newest of the copy's own when null.</param>
    /// <param name="backend">The copy's backend; null when it is gone.</param>
    /// <param name="location">The artifact's address.</param>
    /// <param name="content">The content, where the reader may have it.</param>
    public static ResourceDescriptor Of(ArtifactCopy copy, ArtifactLabel? label, Backend? backend, string location, byte[]? content)
    {
        ArgumentNullException.ThrowIfNull(copy);
        label ??= copy.Labels.Count > 0 ? copy.Labels[^1] : null;
        var inline = backend?.Provider == InlineProvider.KindName;
        return new()
        {
            Name = label?.Name,
            Digest = new(copy.Digest.Hex),
            Content = content,
            DownloadLocation = location,
            MediaType = label?.MediaType,
            Annotations = new()
            {
                Size = copy.Size.ToString(CultureInfo.InvariantCulture),
                Backend = copy.Backend,
                BackendReason = copy.BackendReason,
                Inline = inline ? "true" : null,
                Status = copy.CorruptSince is null ? "stored" : "corrupt",
                UploadedAt = copy.UploadedAt,
                UploadedBy = copy.UploadedBy,
                VerifiedAt = copy.VerifiedAt,
            },
        };
    }
}

/// <summary>Digests by algorithm.</summary>
/// <param name="Sha256">The SHA-256 in hexadecimal.</param>
public sealed record ArtifactDigests(string Sha256);

/// <summary>What this service adds to a descriptor.</summary>
public sealed record ArtifactAnnotations
{
    /// <summary>The content's size in bytes.</summary>
    [JsonPropertyName("casfunctions.size")]
    public required string Size { get; init; }

    /// <summary>The backend that holds it.</summary>
    [JsonPropertyName("casfunctions.backend")]
    public required string Backend { get; init; }

    /// <summary>Why it is there.</summary>
    [JsonPropertyName("casfunctions.backendReason")]
    public required string BackendReason { get; init; }

    /// <summary><c>true</c> when the content is meant to be embedded in the attestation.</summary>
    [JsonPropertyName("casfunctions.inline")]
    public string? Inline { get; init; }

    /// <summary><c>stored</c>, or <c>corrupt</c> when the backend's copy was altered.</summary>
    [JsonPropertyName("casfunctions.status")]
    public required string Status { get; init; }

    /// <summary>When it was uploaded first.</summary>
    [JsonPropertyName("casfunctions.uploadedAt")]
    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>Who uploaded it first.</summary>
    [JsonPropertyName("casfunctions.uploadedBy")]
    public required string UploadedBy { get; init; }

    /// <summary>When it was last known to be right.</summary>
    [JsonPropertyName("casfunctions.verifiedAt")]
    public required DateTimeOffset VerifiedAt { get; init; }
}
