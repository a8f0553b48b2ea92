using System.Buffers;
using CasFunctions.Digests;

namespace CasFunctions.Providers;

/// <summary>
/// One backend's storage, opened with its current credentials. All content is addressed by its digest; the store never sees
/// a key chosen by a client. Every failure is a <see cref="ProviderException"/>. Implementations retry transient failures
/// themselves within <see cref="ProviderRetry"/>'s time budget.
/// </summary>
public interface IBlobStore
{
    /// <summary>
    /// Stores content whose size and digest the caller has already proven, in one step, replacing whatever is at the key.
    /// </summary>
    /// <param name="blob">What is stored.</param>
    /// <param name="content">All of it; stays unchanged until the task ends.</param>
    /// <param name="cancellationToken">Ends the call; the content may or may not have been stored.</param>
    Task<CommitOutcome> PutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Opens an upload in parts, whose content stays unreadable until <see cref="IBlobUpload.CommitAsync"/>.
    /// </summary>
    /// <param name="blob">What will be stored.</param>
    /// <param name="uploadId">What <see cref="IBlobUpload.UploadId"/> said in an earlier request, or null for a new upload.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IBlobUpload> OpenUploadAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken);

    /// <summary>Looks for content without reading it. Null when the store has none at this digest's key.</summary>
    Task<StoredBlob?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken);

    /// <summary>
    /// Reads content as the store has it; proving it is the caller's task.
    /// </summary>
    /// <param name="digest">The content's digest.</param>
    /// <param name="offset">First byte to read.</param>
    /// <param name="length">Number of bytes to read, at least 1.</param>
    /// <param name="cancellationToken">Ends the call and the reads of the stream.</param>
    /// <returns>A stream of at most <paramref name="length"/> bytes. It may end early or fail with <see cref="ProviderException"/> or
    /// <see cref="IOException"/>.</returns>
    /// <exception cref="ProviderException">With <see cref="ProviderErrorKind.BlobNotFound"/> when there is none.</exception>
    Task<Stream> OpenReadAsync(Sha256Digest digest, long offset, long length, CancellationToken cancellationToken);

    /// <summary>
    /// Drops uploads in parts of a content that were never completed and that nobody remembers. Where the credentials lack the right to do
    /// so, that is logged, never thrown.
    /// </summary>
    /// <param name="digest">The content's digest.</param>
    /// <param name="before">Only uploads that were opened before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProviderException">Some may still be there, and a later call may drop them.</exception>
    Task DropAbandonedAsync(Sha256Digest digest, DateTimeOffset before, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Makes what a new backend needs and its credentials may make, such as a missing container. Called once, when an owner adds
    /// the backend; what disappears later is reported, not made again.
    /// </summary>
    Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Proves with real calls that reading and writing are possible, and leaves nothing behind.
    /// </summary>
    /// <exception cref="ProviderException">Why it is not, in plain words.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);
}

/// <summary>
/// An upload in parts that is open for the length of one request. Its parts stay at the store when the request ends, so that a
/// later request goes on with <see cref="UploadId"/> and the parts' tags where <see cref="CanResume"/> says so.
/// </summary>
public interface IBlobUpload : IAsyncDisposable
{
    /// <summary>
    /// What the store calls this upload, to be kept across requests. Empty where the store needs none. An upload that has taken all its
    /// parts can be opened by it again, and committed, also where <see cref="CanResume"/> is false.
    /// </summary>
    string UploadId { get; }

    /// <summary>How many parts may be on their way at once. With 1, parts come strictly in order.</summary>
    int MaxPartsInFlight { get; }

    /// <summary>True when a later request can go on with this upload.</summary>
    bool CanResume { get; }

    /// <summary>
    /// Sends one part. All parts but the last have the same size.
    /// </summary>
    /// <param name="number">1 for the first part of the content.</param>
    /// <param name="content">The part's bytes; they stay unchanged until the task ends.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The part's tag, to be given to <see cref="CommitAsync"/>; plain text of at most 100 characters.</returns>
    Task<string> WritePartAsync(int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the parts readable as one blob, replacing whatever is at the key. The caller has proven size and digest. May be
    /// repeated after a lost reply.
    /// </summary>
    /// <param name="tags">The tags of all parts in order, those of earlier requests included.</param>
    /// <param name="cancellationToken">Ends the call; the content may or may not have been stored.</param>
    Task<CommitOutcome> CommitAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken);

    /// <summary>Drops the parts where the store allows it. A refusal is logged, never thrown.</summary>
    /// <returns>False when parts may still be at the store and need to be dropped.</returns>
    Task<bool> AbortAsync(CancellationToken cancellationToken);
}

/// <summary>What is to be stored.</summary>
/// <param name="Digest">The content's digest, from which the store makes its key.</param>
/// <param name="Size">The content's size in bytes.</param>
/// <param name="Name">A file name for people, unchecked client input; encoded before it goes into a header.</param>
/// <param name="MediaType">The media type, checked to be a valid header value.</param>
/// <param name="Nonce">Marks the session that stores it, so that a commit whose reply was lost can be told from another's.</param>
public sealed record BlobDescriptor(Sha256Digest Digest, long Size, string? Name, string? MediaType, string Nonce);

/// <summary>What a store says of a blob without reading it.</summary>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Nonce">The nonce of the session that stored it, or null when it has none.</param>
public sealed record StoredBlob(long Size, string? Nonce);

/// <summary>How a commit ended.</summary>
public enum CommitOutcome
{
    /// <summary>Our content is at the key.</summary>
    Committed,

    /// <summary>
    /// Our content was not taken because another's is at the key, and can't be replaced or has displaced our parts. What is
    /// there must be read and hashed before it is trusted.
    /// </summary>
    Displaced,
}
