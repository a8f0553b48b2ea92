using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Transfer;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>An S3 store and how to sign for it.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Region">Its region.</param>
/// <param name="AccessKey">The access key id.</param>
/// <param name="SecretKey">The secret key.</param>
/// <param name="Bucket">The bucket.</param>
internal sealed record S3Place(Uri Address, string Region, string AccessKey, string SecretKey, string Bucket)
{
    /// <summary>A client of AWS's SDK.</summary>
    public AmazonS3Client CreateClient() => new(
        new BasicAWSCredentials(AccessKey, SecretKey),
        new AmazonS3Config
        {
            ServiceURL = Address.ToString(),
            AuthenticationRegion = Region,
            ForcePathStyle = true,
            // Ceph 16 doesn't know the checksum trailers that the SDK sends by default.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
}

/// <summary>Uploads a file with AWS's TransferUtility, in parts of 16 MiB, four at once.</summary>
/// <param name="Place">Where.</param>
/// <param name="Key">The object's key.</param>
/// <param name="File">The file's path.</param>
internal sealed record S3UploadJob(S3Place Place, string Key, string File) : ClientJob
{
    private const long PartSize = 16 * 1024 * 1024;

    /// <inheritdoc/>
    public override async Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        using var client = Place.CreateClient();
        using var transfer = new TransferUtility(client, new TransferUtilityConfig { ConcurrentServiceRequests = 4 });
        var clock = JobClock.Start();
        await transfer.UploadAsync(
            new TransferUtilityUploadRequest { BucketName = Place.Bucket, Key = Key, FilePath = File, PartSize = PartSize },
            cancellationToken);
        return clock.Stop();
    }
}

/// <summary>Downloads an object with AWS's SDK and drops it.</summary>
/// <param name="Place">Where.</param>
/// <param name="Key">The object's key.</param>
internal sealed record S3DownloadJob(S3Place Place, string Key) : ClientJob
{
    private const int BufferSize = 256 * 1024;

    /// <inheritdoc/>
    public override async Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        using var client = Place.CreateClient();
        var clock = JobClock.Start();
        using var answer = await client.GetObjectAsync(Place.Bucket, Key, cancellationToken);
        await answer.ResponseStream.CopyToAsync(Stream.Null, BufferSize, cancellationToken);
        return clock.Stop();
    }
}
