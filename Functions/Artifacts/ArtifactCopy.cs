using Azure;
using CasFunctions.Digests;

namespace CasFunctions.Artifacts;

/// <summary>One copy of an artifact: a content on one backend of one organization.</summary>
public sealed record ArtifactCopy
{
    /// <summary>The organization that owns it.</summary>
    public required string Organization { get; init; }

    /// <summary>The content's digest.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>The backend that holds this copy.</summary>
    public required string Backend { get; init; }

    /// <summary>The content's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The names under which it was uploaded, the oldest first.</summary>
    public required IReadOnlyList<ArtifactLabel> Labels { get; init; }

    /// <summary>Why it is on this backend.</summary>
    public required string BackendReason { get; init; }

    /// <summary>Who uploaded it first.</summary>
    public required string UploadedBy { get; init; }

    /// <summary>When it was uploaded first.</summary>
    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>When the copy was last known to be right: proven on upload or on a whole read.</summary>
    public required DateTimeOffset VerifiedAt { get; init; }

    /// <summary>When reading the copy again last failed or took too long; null when it never did. It says nothing of the content.</summary>
    public DateTimeOffset? UnreadableAt { get; init; }

    /// <summary>Since when the copy is known to be altered; null when it isn't.</summary>
    public DateTimeOffset? CorruptSince { get; init; }

    /// <summary>The row's version; default for a copy that is not stored yet.</summary>
    public ETag ETag { get; init; }
}

/// <summary>A name under which a content was uploaded.</summary>
/// <param name="Name">The file name; null when none was given.</param>
/// <param name="MediaType">The media type; null when none was given.</param>
/// <param name="At">When it was uploaded under this name first.</param>
/// <param name="By">Who did.</param>
public sealed record ArtifactLabel(string? Name, string? MediaType, DateTimeOffset At, string By);
