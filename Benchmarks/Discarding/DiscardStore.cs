using System.Buffers;
using System.Globalization;
using CasFunctions.Digests;
using CasFunctions.Providers;

namespace CasFunctions.Benchmarks.Discarding;

/// <summary>Drops what it gets.</summary>
/// <param name="delay">How long each part takes.</param>
internal sealed class DiscardStore(TimeSpan delay) : IBlobStore
{
    /// <inheritdoc/>
    public async Task<CommitOutcome> PutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken);
        return CommitOutcome.Committed;
    }

    /// <inheritdoc/>
    public Task<IBlobUpload> OpenUploadAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken) =>
        Task.FromResult<IBlobUpload>(new Upload(this));

    /// <inheritdoc/>
    public Task<StoredBlob?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken) => Task.FromResult<StoredBlob?>(null);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(Sha256Digest digest, long offset, long length, CancellationToken cancellationToken) =>
        throw new ProviderException(ProviderErrorKind.BlobNotFound, "Nothing was kept.");

    /// <inheritdoc/>
    public Task ProbeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task WaitAsync(CancellationToken cancellationToken) =>
        delay > TimeSpan.Zero ? Task.Delay(delay, TimeProvider.System, cancellationToken) : Task.CompletedTask;

    private sealed class Upload(DiscardStore store) : IBlobUpload
    {
        private const int PartsAtOnce = 3;

        public string UploadId => "";

        public int MaxPartsInFlight => PartsAtOnce;

        public bool CanResume => true;

        public async Task<string> WritePartAsync(int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
        {
            await store.WaitAsync(cancellationToken);
            return number.ToString(CultureInfo.InvariantCulture);
        }

        public Task<CommitOutcome> CommitAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
            Task.FromResult(CommitOutcome.Committed);

        public Task<bool> AbortAsync(CancellationToken cancellationToken) => Task.FromResult(true);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
