using Azure;
using CasFunctions.Digests;

namespace CasFunctions.Uploads;

/// <summary>A promise to take one content, bound to its digest, size and backend.</summary>
public sealed record UploadSession
{
    /// <summary>SHA-256 of the session's id in hexadecimal; the id itself is kept nowhere.</summary>
    public required string IdHash { get; init; }

    /// <summary>The organization that it stores for.</summary>
    public required string Organization { get; init; }

    /// <summary>The digest that the content must have.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>The size that the content must have, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The file name, if any.</summary>
    public string? Name { get; init; }

    /// <summary>The media type, if any.</summary>
    public string? MediaType { get; init; }

    /// <summary>The backend that it stores in.</summary>
    public required string Backend { get; init; }

    /// <summary>Why that backend, such as <c>default</c> or <c>requested</c>.</summary>
    public required string BackendReason { get; init; }

    /// <summary>Marks the content at the store as this session's.</summary>
    public required string Nonce { get; init; }

    /// <summary>Raised by every request that writes; whoever holds an older one has lost the session.</summary>
    public int Epoch { get; init; }

    /// <summary>How far it is.</summary>
    public UploadStatus Status { get; init; }

    /// <summary>Who created it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it can't be used.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Why it ended, as a sentence for the client; null when it was cancelled, or has not ended.</summary>
    public string? EndReason { get; init; }

    /// <summary>How many bytes of the content appends have brought. It never goes back.</summary>
    public long Offset { get; init; }

    /// <summary>True while an append runs, and after one that was killed, until another request takes over.</summary>
    public bool AppendOpen { get; init; }

    /// <summary>
    /// The hash's state after <see cref="Offset"/> bytes, see <see cref="ContentHash.Export"/>; null before the first append.
    /// </summary>
    public byte[]? HashState { get; init; }

    /// <summary>What the store calls the upload that holds the parts; null while it holds none.</summary>
    public string? UploadId { get; init; }

    /// <summary>The tags of the full parts at the store, in order.</summary>
    public IReadOnlyList<string> PartTags { get; init; } = [];

    /// <summary>The name of the blob with the bytes behind the last full part; null when there are none.</summary>
    public string? Tail { get; init; }

    /// <summary>True when the parts wait in the service's own storage, because the backend takes a content in one request only.</summary>
    public bool Staged { get; init; }

    /// <summary>True when the organization had the content before: what is sent is counted, proven and dropped.</summary>
    public bool Discards { get; init; }

    /// <summary>When an append last wrote to the row; null before the first.</summary>
    public DateTimeOffset? AdvancedAt { get; init; }

    /// <summary>The row's version.</summary>
    public ETag ETag { get; init; }
}

/// <summary>How far a session is.</summary>
public enum UploadStatus
{
    /// <summary>Waits for content.</summary>
    Open,

    /// <summary>The content is proven and is being made readable; whether it is can be seen at the store only.</summary>
    Committing,

    /// <summary>The content is stored.</summary>
    Committed,

    /// <summary>Cancelled or failed for good.</summary>
    Ended,
}
