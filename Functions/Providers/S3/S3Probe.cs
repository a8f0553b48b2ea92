using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using CasFunctions.Digests;

namespace CasFunctions.Providers.S3;

/// <summary>Proves listing, reading and writing with calls that leave nothing behind.</summary>
internal sealed class S3Probe(IAmazonS3 client, S3Calls calls, S3Settings settings)
{
    private const string WriteCheck = "cas-write-check";

    /// <exception cref="ProviderException">What is not possible, in plain words.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var existing = await ListAsync(cancellationToken);
        if (existing is null)
        {
            await ReadNothingAsync(cancellationToken);
        }
        else
        {
            await ReadOneByteAsync(existing, cancellationToken);
        }

        await calls.RunAsync(S3Operation.Write, TryWriteAsync, cancellationToken);
    }

    /// <summary>
    /// Lists the bucket. The right to do so is needed because without it S3 answers 403 instead of 404 for an object that is not there.
    /// </summary>
    /// <returns>The key of one of our objects, or null where there is none yet.</returns>
    public async Task<string?> ListAsync(CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = settings.Bucket,
            Prefix = settings.Prefixed(Sha256Digest.Prefix),
            MaxKeys = 1,
        };
        var answer = await calls.RunAsync(S3Operation.List, token => client.ListObjectsV2Async(request, token), cancellationToken);
        return answer.Name is null ? throw NoS3() : answer.S3Objects?.FirstOrDefault()?.Key;
    }

    // In an empty bucket the answer to a missing key has to do: AWS says 403 without the right to read, some stores say 404 all the same.
    private async Task ReadNothingAsync(CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = settings.Bucket, Key = settings.Prefixed($"cas-read-check-{Guid.NewGuid():N}") };
        try
        {
            using var answer = await calls.RunAsync(
                S3Operation.Read, token => client.GetObjectAsync(request, token), cancellationToken);
        }
        catch (ProviderException e) when (e.Kind == ProviderErrorKind.BlobNotFound)
        {
            return;
        }

        throw NoS3();
    }

    private async Task ReadOneByteAsync(string key, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = settings.Bucket, Key = key, ByteRange = new ByteRange(0, 0) };
        await calls.RunAsync(S3Operation.Read, TryReadAsync, cancellationToken);

        async Task TryReadAsync(CancellationToken token)
        {
            try
            {
                using var answer = await client.GetObjectAsync(request, token);
            }
            catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.NotFound)
            {
                // Empty, or deleted since it was listed. The store has looked at our rights before it looked for the object.
                return;
            }
        }
    }

    // The body is not the one whose hash is signed, and not the one of the announced MD5 either: a store that would let us write
    // refuses it after it has looked at our rights.
    private async Task TryWriteAsync(CancellationToken cancellationToken)
    {
        using var body = new FickleStream();
        var request = new PutObjectRequest
        {
            BucketName = settings.Bucket,
            Key = settings.Prefixed(WriteCheck),
            InputStream = body,
            MD5Digest = FickleStream.FirstMd5,
            UseChunkEncoding = false,
        };
        try
        {
            await client.PutObjectAsync(request, cancellationToken);
        }
        catch (AmazonS3Exception e) when (S3Failures.RefusesBody(e))
        {
            return;
        }

        // The store checks nothing of what it takes. It can be written to, and that is what was asked.
        await TryDeleteAsync(request.Key, cancellationToken);
    }

    private async Task TryDeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteObjectAsync(settings.Bucket, key, cancellationToken);
        }
        catch (AmazonS3Exception)
        {
            // One object stays, the same at each probe: the right to delete is not among those that are needed.
            return;
        }
    }

    private static ProviderException NoS3() =>
        new(ProviderErrorKind.Misconfigured, "The host answers, but not as an S3 API; check endpoint and bucket.");

    /// <summary>One byte that is another each time it is read: first by the SDK, which signs its hash, then by the connection.</summary>
    private sealed class FickleStream : Stream
    {
        /// <summary>The MD5 of the first reading.</summary>
        public const string FirstMd5 = "k7iFrf4NoInN9jSQT9WfcQ==";

        private byte _next;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => 1;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (Position >= Length || count == 0)
            {
                return 0;
            }

            buffer[offset] = _next++;
            Position = Length;
            return 1;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
