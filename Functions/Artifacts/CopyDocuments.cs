using CasFunctions.Backends;

namespace CasFunctions.Artifacts;

/// <summary>What an organization has of an artifact.</summary>
/// <param name="Digest">The artifact's digest.</param>
/// <param name="Copies">Its copies, in the order in which downloads try them.</param>
public sealed record CopyList(string Digest, IReadOnlyList<CopyDocument> Copies);

/// <summary>A copy as the API shows it.</summary>
public sealed record CopyDocument
{
    /// <summary>The backend that holds it.</summary>
    public required string Backend { get; init; }

    /// <summary>Why it is there.</summary>
    public required string BackendReason { get; init; }

    /// <summary>What the last checks of that backend found.</summary>
    public required BackendStatus BackendStatus { get; init; }

    /// <summary>The names under which the content was uploaded to it, the oldest first.</summary>
    public required IReadOnlyList<ArtifactLabel> Labels { get; init; }

    /// <summary>When it was uploaded first.</summary>
    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>Who uploaded it first.</summary>
    public required string UploadedBy { get; init; }

    /// <summary>When it was last known to be right.</summary>
    public required DateTimeOffset VerifiedAt { get; init; }

    /// <summary>Since when it is known to be altered or gone; absent when it isn't.</summary>
    public DateTimeOffset? CorruptSince { get; init; }

    /// <summary>Shows a copy.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="backend">Its backend.</param>
    public static CopyDocument From(ArtifactCopy copy, Backend backend)
    {
        ArgumentNullException.ThrowIfNull(copy);
        ArgumentNullException.ThrowIfNull(backend);
        return new()
        {
            Backend = copy.Backend,
            BackendReason = copy.BackendReason,
            BackendStatus = backend.Status,
            Labels = copy.Labels,
            UploadedAt = copy.UploadedAt,
            UploadedBy = copy.UploadedBy,
            VerifiedAt = copy.VerifiedAt,
            CorruptSince = copy.CorruptSince,
        };
    }
}
