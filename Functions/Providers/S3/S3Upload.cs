using System.Buffers;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;

namespace CasFunctions.Providers.S3;

/// <summary>A multipart upload. A part's tag is the ETag that the store gave it.</summary>
internal sealed class S3Upload(S3Uploads uploads, BlobDescriptor blob, string key, string uploadId) : IBlobUpload
{
    public string UploadId => uploadId;

    public int MaxPartsInFlight => 3;

    public bool CanResume => true;

    public Task<string> WritePartAsync(int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        uploads.Calls.RunAsync(S3Operation.Write, token => TryWritePartAsync(number, content, token), cancellationToken);

    public async Task<CommitOutcome> CommitAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        try
        {
            // Ceph names no tag, whether our object is the one that stays or that of another upload which ended at the same moment.
            return await uploads.Calls.RunAsync(S3Operation.Complete, token => TryCompleteAsync(tags, token), cancellationToken)
                ?? (await uploads.IsStoredAsync(blob, cancellationToken) ? CommitOutcome.Committed : CommitOutcome.Displaced);
        }
        catch (ProviderException e) when (
            e.Kind is ProviderErrorKind.UploadLost
                or ProviderErrorKind.Unreachable
                or ProviderErrorKind.Unavailable
                or ProviderErrorKind.Unexpected)
        {
            // An upload that was completed before, with a reply that was lost, is unknown to some stores; Ceph answers 500 for uploads
            // that are gone.
            if (await uploads.IsStoredAsync(blob, cancellationToken))
            {
                return CommitOutcome.Committed;
            }

            throw;
        }
    }

    public async Task<bool> AbortAsync(CancellationToken cancellationToken)
    {
        try
        {
            await uploads.DropAsync(key, uploadId, cancellationToken);
            return true;
        }
        catch (ProviderException e)
        {
            uploads.AbortFailed(e);
            return false;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<string> TryWritePartAsync(int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        var withMd5 = uploads.PartsNeedMd5;
        try
        {
            return await SendPartAsync(number, content, withMd5, cancellationToken);
        }
        catch (AmazonS3Exception e) when (!withMd5 && S3Failures.DemandsContentMd5(e))
        {
            uploads.PartsNeedMd5 = true;
            return await SendPartAsync(number, content, withMd5: true, cancellationToken);
        }
    }

    private async Task<string> SendPartAsync(int number, ReadOnlySequence<byte> content, bool withMd5, CancellationToken cancellationToken)
    {
        using var stream = new SequenceStream(content);
        var answer = await uploads.Client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = uploads.Bucket,
                Key = key,
                UploadId = uploadId,
                PartNumber = number,
                PartSize = content.Length,
                InputStream = stream,
                MD5Digest = withMd5 ? Md5Of(content) : null,
                UseChunkEncoding = false,
            },
            cancellationToken);
        return answer.ETag is { Length: > 0 } tag
            ? tag
            : throw new ProviderException(ProviderErrorKind.Unexpected, "The store gave a part no tag.");
    }

    /// <summary>Null when the store reports an object at our key and does not say that it is ours.</summary>
    private async Task<CommitOutcome?> TryCompleteAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await uploads.Client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = uploads.Bucket,
                    Key = key,
                    UploadId = uploadId,
                    PartETags = [.. tags.Select((tag, index) => new PartETag(index + 1, tag))],
                },
                cancellationToken);
            return answer switch
            {
                { ETag.Length: > 0 } => CommitOutcome.Committed,
                { Key.Length: > 0 } => null,
                _ => throw new ProviderException(ProviderErrorKind.Unexpected, "The store did not confirm the upload's end."),
            };
        }
        catch (AmazonS3Exception e) when (S3Failures.ForbidsOverwriting(e))
        {
            return CommitOutcome.Displaced;
        }
    }

    private static string Md5Of(ReadOnlySequence<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var memory in content)
        {
            hash.AppendData(memory.Span);
        }

        return Convert.ToBase64String(hash.GetHashAndReset());
    }
}
