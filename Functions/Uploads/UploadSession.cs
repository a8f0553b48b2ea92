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
