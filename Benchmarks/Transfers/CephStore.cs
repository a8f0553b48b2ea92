using Amazon.S3;
using Amazon.S3.Model;
using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Transfers;

/// <summary>Ceph's S3 gateway, with its objects in memory.</summary>
internal sealed class CephStore : TransferStore
{
    private const string DirectKey = "direct";

    private static readonly TimeSpan UrlLifetime = TimeSpan.FromHours(1);

    private readonly CephS3 _ceph;
    private readonly S3Place _place;

    private CephStore(CephS3 ceph, S3Place place)
    {
        _ceph = ceph;
        _place = place;
    }

    /// <inheritdoc/>
    public override string Name => "Ceph S3";

    /// <inheritdoc/>
    public override IReadOnlyList<int> Ports => [_ceph.Address.Port];

    /// <summary>It holds 4 GiB, with what was deleted and not collected yet.</summary>
    public override long MaxSize => 1L << 30;

    /// <inheritdoc/>
    public override ProcessGroup Group => new("store", _ceph.ProcessIds);

    /// <inheritdoc/>
    public override IReadOnlyList<DirectClient> Uploads =>
    [
        new("AWS SDK, 4 parts of 16 MiB at once", content => Task.FromResult<ClientJob>(new S3UploadJob(_place, DirectKey, content.File))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<DirectClient> Downloads =>
    [
        new("AWS SDK, one GET", async _ => new S3DownloadJob(_place, await KeyAsync())),
        new("our client, one GET with a signed address", async content => new GetJob(await SignedAddressAsync(), null, content.Size, null)),
    ];

    /// <summary>Starts one.</summary>
    public static async Task<TransferStore> StartAsync()
    {
        var ceph = await CephS3.StartAsync();
        var bucket = await ceph.CreateBucketAsync(CancellationToken.None);
        return new CephStore(ceph, new S3Place(ceph.Address, CephS3.Region, ceph.AccessKey, ceph.SecretKey, bucket));
    }

    /// <inheritdoc/>
    public override object NewBackend() => new
    {
        name = "ceph",
        provider = "aws-s3",
        maxBytes = 64L << 30,
        @default = true,
        settings = new { bucket = _place.Bucket, endpoint = _ceph.Address.GetLeftPart(UriPartial.Authority) },
        credentials = new { accessKeyId = _place.AccessKey, secretAccessKey = _place.SecretKey, region = _place.Region },
    };

    /// <inheritdoc/>
    public override async Task ClearAsync(BulkContent content, CancellationToken cancellationToken)
    {
        using var client = _place.CreateClient();
        foreach (var key in await KeysAsync(client, cancellationToken))
        {
            await client.DeleteObjectAsync(_place.Bucket, key, cancellationToken);
        }

        await _ceph.CollectGarbageAsync();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _ceph.DisposeAsync();

    private async Task<string> KeyAsync()
    {
        using var client = _place.CreateClient();
        return (await KeysAsync(client, CancellationToken.None))[0];
    }

    private async Task<IReadOnlyList<string>> KeysAsync(AmazonS3Client client, CancellationToken cancellationToken)
    {
        var listed = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _place.Bucket }, cancellationToken);
        return [.. (listed.S3Objects ?? []).Select(found => found.Key)];
    }

    private async Task<Uri> SignedAddressAsync()
    {
        using var client = _place.CreateClient();
        return new Uri(await client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = _place.Bucket,
            Key = await KeyAsync(),
            Protocol = Protocol.HTTP,
            Expires = (TimeProvider.System.GetUtcNow() + UrlLifetime).UtcDateTime,
        }));
    }
}
