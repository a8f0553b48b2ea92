using System.Buffers;
using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using CasFunctions.Digests;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Providers.S3;

/// <summary>One bucket, or one prefix in it, with one set of credentials. Objects are called <c>sha256:&lt;hex&gt;</c>.</summary>
public sealed class S3BlobStore : IBlobStore
{
    private readonly S3Settings _settings;
    private readonly AmazonS3Client _client;
    private readonly S3Calls _calls;
    private readonly S3Probe _probe;
    private readonly S3Uploads _uploads;
    private readonly TimeProvider _time;

    /// <summary>Opens the store; makes no call.</summary>
    /// <param name="backend">The backend's name, for the log.</param>
    /// <param name="settings">Where the objects are.</param>
    /// <param name="credentials">What signs the requests.</param>
    /// <param name="handler">Sends all requests; not disposed of.</param>
    /// <param name="time">Clock of time-outs and pauses.</param>
    /// <param name="logger">The log.</param>
    public S3BlobStore(
        string backend,
        S3Settings settings,
        S3Credentials credentials,
        HttpMessageHandler handler,
        TimeProvider time,
        ILogger<S3BlobStore> logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(credentials);
        _settings = settings;
        _time = time;
        _client = S3ClientFactory.Create(settings, credentials, handler);
        _calls = new S3Calls(time);
        _probe = new S3Probe(_client, _calls, settings);
        _uploads = new S3Uploads(backend, settings, _client, _calls, FindAsync, logger);
    }

    /// <inheritdoc/>
    public Task<CommitOutcome> PutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        return _calls.RunAsync(S3Operation.Write, token => TryPutAsync(blob, content, token), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IBlobUpload> OpenUploadAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken) =>
        _uploads.OpenAsync(blob, uploadId, cancellationToken);

    /// <inheritdoc/>
    public async Task<StoredBlob?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var request = new GetObjectMetadataRequest { BucketName = _settings.Bucket, Key = _settings.KeyOf(digest) };
        try
        {
            var found = await _calls.RunAsync(
                S3Operation.Read, token => _client.GetObjectMetadataAsync(request, token), cancellationToken);
            return new StoredBlob(found.ContentLength, found.Metadata[S3Metadata.Nonce]);
        }
        catch (ProviderException e) when (e.Kind == ProviderErrorKind.BlobNotFound)
        {
            return null;
        }
        catch (ProviderException e) when (e.Kind == ProviderErrorKind.Forbidden)
        {
            // The answer to HEAD has no body and tells wrong keys, a missing right and an object that may not be known of apart by
            // nothing. A call that has a body names the cause.
            await _probe.ListAsync(cancellationToken);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(Sha256Digest digest, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var response = await _calls.RunAsync(S3Operation.Read, token => TryGetAsync(digest, offset, length, token), cancellationToken);
        return response is null ? Stream.Null : new S3ReadStream(response, length, _time);
    }

    /// <inheritdoc/>
    public Task DropAbandonedAsync(Sha256Digest digest, DateTimeOffset before, CancellationToken cancellationToken) =>
        _uploads.DropAbandonedAsync(digest, before, cancellationToken);

    /// <inheritdoc/>
    public Task ProbeAsync(CancellationToken cancellationToken) => _probe.RunAsync(cancellationToken);

    private async Task<CommitOutcome> TryPutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        using var stream = new SequenceStream(content);
        var request = new PutObjectRequest
        {
            BucketName = _settings.Bucket,
            Key = _settings.KeyOf(blob.Digest),
            InputStream = stream,
            ContentType = S3Metadata.MediaTypeOf(blob),
            // AWS, R2 and MinIO refuse other content; the rest ignore it.
            ChecksumSHA256 = blob.Digest.Base64,
            // Signs the whole body's hash instead of chunks, which R2 and Swift don't take.
            UseChunkEncoding = false,
        };
        foreach (var (name, value) in S3Metadata.Of(blob))
        {
            request.Metadata[name] = value;
        }

        try
        {
            await _client.PutObjectAsync(request, cancellationToken);
            return CommitOutcome.Committed;
        }
        catch (AmazonS3Exception e) when (S3Failures.ForbidsOverwriting(e))
        {
            return CommitOutcome.Displaced;
        }
    }

    // Null where the object ends before the offset: it is shorter than its digest's content and its reader will find so.
    private async Task<GetObjectResponse?> TryGetAsync(Sha256Digest digest, long offset, long length, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest
        {
            BucketName = _settings.Bucket,
            Key = _settings.KeyOf(digest),
            ByteRange = new ByteRange(offset, offset + length - 1),
        };
        try
        {
            var response = await _client.GetObjectAsync(request, cancellationToken);
            if (response.HttpStatusCode == HttpStatusCode.PartialContent || offset == 0)
            {
                return response;
            }

            response.Dispose();
            throw new ProviderException(ProviderErrorKind.Unexpected, "The store ignored the range that was asked for.");
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return null;
        }
    }
}
