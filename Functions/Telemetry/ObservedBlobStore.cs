using System.Buffers;
using System.Diagnostics;
using CasFunctions.Digests;
using CasFunctions.Providers;

namespace CasFunctions.Telemetry;

/// <summary>
/// A store whose calls are spans and are timed. The HTTP calls that they take are spans below, each with its server's address.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="provider">The name of its provider.</param>
/// <param name="metrics">Where the times go.</param>
internal sealed class ObservedBlobStore(IBlobStore store, string provider, CasMetrics metrics) : IBlobStore
{
    /// <inheritdoc/>
    public Task<CommitOutcome> PutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        ObserveAsync("put", () => store.PutAsync(blob, content, cancellationToken));

    /// <inheritdoc/>
    public async Task<IBlobUpload> OpenUploadAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken) =>
        new ObservedBlobUpload(await ObserveAsync("open_upload", () => store.OpenUploadAsync(blob, uploadId, cancellationToken)), this);

    /// <inheritdoc/>
    public Task<StoredBlob?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        ObserveAsync("find", () => store.FindAsync(digest, cancellationToken));

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(Sha256Digest digest, long offset, long length, CancellationToken cancellationToken) =>
        ObserveAsync("read", () => store.OpenReadAsync(digest, offset, length, cancellationToken));

    /// <inheritdoc/>
    public Task DropAbandonedAsync(Sha256Digest digest, DateTimeOffset before, CancellationToken cancellationToken) =>
        ObserveAsync("drop_abandoned", () => store.DropAbandonedAsync(digest, before, cancellationToken));

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken) => ObserveAsync("prepare", () => store.PrepareAsync(cancellationToken));

    /// <inheritdoc/>
    public Task ProbeAsync(CancellationToken cancellationToken) => ObserveAsync("probe", () => store.ProbeAsync(cancellationToken));

    /// <summary>Makes a call within a span of its own.</summary>
    internal async Task<T> ObserveAsync<T>(string operation, Func<Task<T>> call)
    {
        using var activity = CasTraces.Source.StartActivity(operation + " " + provider);
        activity?.SetTag("cas.provider", provider);
        activity?.SetTag("cas.provider.operation", operation);
        try
        {
            return await metrics.TimeProviderAsync(provider, operation, call);
        }
        catch (Exception failure)
        {
            activity?.SetTag("error.type", ErrorTypes.Of(failure));
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    internal Task ObserveAsync(string operation, Func<Task> call) => ObserveAsync(operation, async () =>
    {
        await call();
        return true;
    });
}

/// <summary>An upload in parts whose calls are spans and are timed.</summary>
internal sealed class ObservedBlobUpload(IBlobUpload upload, ObservedBlobStore store) : IBlobUpload
{
    /// <inheritdoc/>
    public string UploadId => upload.UploadId;

    /// <inheritdoc/>
    public int MaxPartsInFlight => upload.MaxPartsInFlight;

    /// <inheritdoc/>
    public bool CanResume => upload.CanResume;

    /// <inheritdoc/>
    public Task<string> WritePartAsync(int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        store.ObserveAsync("write_part", () => upload.WritePartAsync(number, content, cancellationToken));

    /// <inheritdoc/>
    public Task<CommitOutcome> CommitAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        store.ObserveAsync("commit", () => upload.CommitAsync(tags, cancellationToken));

    /// <inheritdoc/>
    public Task<bool> AbortAsync(CancellationToken cancellationToken) =>
        store.ObserveAsync("abort", () => upload.AbortAsync(cancellationToken));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => upload.DisposeAsync();
}
