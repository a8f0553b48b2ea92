using Amazon.S3;
using Amazon.S3.Model;
using CasFunctions.Digests;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Providers.S3;

/// <summary>The multipart uploads of one store: what they share.</summary>
internal sealed partial class S3Uploads(
    string backend,
    S3Settings settings,
    IAmazonS3 client,
    S3Calls calls,
    Func<Sha256Digest, CancellationToken, Task<StoredBlob?>> find,
    ILogger logger)
{
    private int _refusalLogged;

    public IAmazonS3 Client => client;

    public S3Calls Calls => calls;

    public string Bucket => settings.Bucket;

    /// <summary>
    /// True once the store has asked for it. Then parts carry their MD5, as AWS wants for buckets whose Object Lock retains new
    /// objects; elsewhere it would only cost time, because each part's SHA-256 is signed.
    /// </summary>
    public bool PartsNeedMd5 { get; set; }

    public async Task<IBlobUpload> OpenAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken) =>
        new S3Upload(this, blob, settings.KeyOf(blob.Digest), uploadId ?? await InitiateAsync(blob, cancellationToken));

    /// <summary>True when the object at the digest's key is the one that this session stored.</summary>
    public async Task<bool> IsStoredAsync(BlobDescriptor blob, CancellationToken cancellationToken) =>
        await find(blob.Digest, cancellationToken) == new StoredBlob(blob.Size, blob.Nonce);

    /// <summary>Logs, once for this store, that parts stay behind.</summary>
    public void AbortFailed(ProviderException cause)
    {
        if (Interlocked.Exchange(ref _refusalLogged, 1) == 0)
        {
            LogAbortFailed(logger, backend, cause.Message);
        }
    }

    /// <summary>Drops an upload. One that is gone already is what was wanted.</summary>
    public async Task DropAsync(string key, string uploadId, CancellationToken cancellationToken)
    {
        var request = new AbortMultipartUploadRequest { BucketName = settings.Bucket, Key = key, UploadId = uploadId };
        try
        {
            await calls.RunAsync(S3Operation.Abort, token => client.AbortMultipartUploadAsync(request, token), cancellationToken);
        }
        catch (ProviderException e) when (e.Kind == ProviderErrorKind.UploadLost)
        {
            // Nothing is left to drop.
        }
    }

    /// <summary>Drops the uploads to a digest's key that were opened before a moment, as far as the rights go.</summary>
    public async Task DropAbandonedAsync(Sha256Digest digest, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var key = settings.KeyOf(digest);
        var request = new ListMultipartUploadsRequest { BucketName = settings.Bucket, Prefix = key };
        try
        {
            var open = await calls.RunAsync(
                S3Operation.Abort, token => client.ListMultipartUploadsAsync(request, token), cancellationToken);
            var abandoned = (open.MultipartUploads ?? [])
                .Where(upload => upload.Key == key && upload.Initiated?.ToUniversalTime() < before.UtcDateTime);
            foreach (var upload in abandoned)
            {
                await DropAsync(key, upload.UploadId, cancellationToken);
            }
        }
        catch (ProviderException none) when (none.Kind == ProviderErrorKind.UploadLost)
        {
            // So some stores say that there are none.
        }
        catch (ProviderException failure) when (failure.Kind == ProviderErrorKind.Forbidden)
        {
            AbortFailed(failure);
        }
    }

    private async Task<string> InitiateAsync(BlobDescriptor blob, CancellationToken cancellationToken)
    {
        var request = new InitiateMultipartUploadRequest
        {
            BucketName = settings.Bucket,
            Key = settings.KeyOf(blob.Digest),
            ContentType = S3Metadata.MediaTypeOf(blob),
        };
        foreach (var (name, value) in S3Metadata.Of(blob))
        {
            request.Metadata[name] = value;
        }

        var answer = await calls.RunAsync(
            S3Operation.Write, token => client.InitiateMultipartUploadAsync(request, token), cancellationToken);
        return answer.UploadId is { Length: > 0 } id
            ? id
            : throw new ProviderException(ProviderErrorKind.Unexpected, "The store opened no upload, although it reported success.");
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Backend {Backend}: an unfinished upload could not be dropped ({Reason}). Its parts stay until the bucket's lifecycle "
            + "rule for unfinished uploads removes them. This is logged once.")]
    private static partial void LogAbortFailed(ILogger logger, string backend, string reason);
}
