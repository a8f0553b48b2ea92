using System.Buffers;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using CasFunctions.Digests;

namespace CasFunctions.Providers.AzureBlob;

/// <summary>One container.</summary>
public sealed class AzureBlobStore(BlobContainerClient container) : IBlobStore
{
    private const string DefaultMediaType = "application/octet-stream";

    /// <summary>Metadata key of the session's nonce.</summary>
    private const string NonceKey = "casnonce";

    /// <summary>Metadata key of the file name, percent-encoded UTF-8.</summary>
    private const string NameKey = "casname";

    /// <inheritdoc/>
    public Task<CommitOutcome> PutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        return RunAsync(
            async token =>
            {
                await using var stream = new SequenceStream(content);
                var options = new BlobUploadOptions
                {
                    HttpHeaders = HeadersOf(blob),
                    Metadata = MetadataOf(blob),

                    // The SDK sends what is shorter than this, but not what is as long, in one Put Blob.
                    TransferOptions = new() { InitialTransferSize = content.Length + 1, MaximumConcurrency = 1 },
                };
                try
                {
                    await ClientOf(blob.Digest).UploadAsync(stream, options, token);
                    return CommitOutcome.Committed;
                }
                catch (RequestFailedException failure) when (AzureBlobFailures.ForbidsOverwriting(failure))
                {
                    return CommitOutcome.Displaced;
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IBlobUpload> OpenUploadAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        return Task.FromResult<IBlobUpload>(new AzureBlobUpload(ClientOf(blob.Digest), blob));
    }

    /// <inheritdoc/>
    public Task<StoredBlob?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            try
            {
                BlobProperties found = await ClientOf(digest).GetPropertiesAsync(cancellationToken: token);
                return new StoredBlob(found.ContentLength, found.Metadata.TryGetValue(NonceKey, out var nonce) ? nonce : null);
            }
            catch (RequestFailedException failure) when (AzureBlobFailures.IsBlobMissing(failure))
            {
                return null;
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(Sha256Digest digest, long offset, long length, CancellationToken cancellationToken) => RunAsync(
        async _ =>
        {
            // The reply's stream reads with this token long after the call, so the call's own budget can't be it.
            try
            {
                BlobDownloadStreamingResult reply = await ClientOf(digest).DownloadStreamingAsync(
                    new BlobDownloadOptions { Range = new HttpRange(offset, length) }, cancellationToken);
                return (Stream)new AzureReadStream(reply.Content);
            }
            catch (RequestFailedException failure) when (failure.Status == 416)
            {
                // The blob ends before the offset, which is as early as content can end.
                return Stream.Null;
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            try
            {
                await container.CreateIfNotExistsAsync(PublicAccessType.None, cancellationToken: token);
            }
            catch (RequestFailedException failure) when (failure.Status == 403 && !AzureBlobFailures.AreCredentialsRefused(failure))
            {
                // Without the right to create containers the probe decides whether this one can be used.
            }

            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// A block that is never committed proves the right to write: it can't be read or listed, and Azure drops it after a week.
    /// </remarks>
    public Task ProbeAsync(CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            var probe = container.GetBlockBlobClient("cas-probe");
            await using var one = new SequenceStream(new ReadOnlySequence<byte>(new byte[1]));
            await probe.StageBlockAsync(AzureBlobUpload.BlockId(0, 0), one, cancellationToken: token);
            await container.GetBlobClient("cas-probe-absent").ExistsAsync(token);
            return true;
        },
        cancellationToken);

    /// <summary>Runs a call within the time budget, its failures said in our terms.</summary>
    internal static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(ProviderRetry.TotalBudget);
        try
        {
            return await call(budget.Token);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, "The storage account did not answer in time.", failure);
        }
        catch (Exception failure) when (failure is not ProviderException && AzureBlobFailures.Translate(failure) is { })
        {
            throw AzureBlobFailures.Translate(failure)!;
        }
    }

    internal static BlobHttpHeaders HeadersOf(BlobDescriptor blob) => new() { ContentType = blob.MediaType ?? DefaultMediaType };

    internal static Dictionary<string, string> MetadataOf(BlobDescriptor blob)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [NonceKey] = blob.Nonce };
        if (blob.Name is { Length: > 0 } name)
        {
            metadata[NameKey] = BlobMetadata.EncodeName(name);
        }

        return metadata;
    }

    private BlockBlobClient ClientOf(Sha256Digest digest) => container.GetBlockBlobClient(digest.ToString());
}
