using Amazon.S3;
using Amazon.S3.Model;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Conformance;

/// <summary>Ceph's RADOS gateway.</summary>
public class S3Store(TestServices services) : StoreUnderTest(services)
{
    private CephS3? _ceph;
    private IAmazonS3? _client;

    /// <inheritdoc/>
    public override string Name => "aws-s3, Ceph";

    /// <inheritdoc/>
    protected override string? Provider => "aws-s3";

    /// <inheritdoc/>
    protected override object WrongCredentials => Keys("not-the-secret-key");

    /// <inheritdoc/>
    public override Task<string> NewPlaceAsync() => _ceph!.CreateBucketAsync(TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public override Task RemovePlaceAsync(string place) => _client!.DeleteBucketAsync(place);

    /// <inheritdoc/>
    public override async Task<byte[]?> ReadPastAsync(Sha256Digest digest)
    {
        try
        {
            using var found = await _client!.GetObjectAsync(Place, digest.ToString());
            using var bytes = new MemoryStream();
            await found.ResponseStream.CopyToAsync(bytes);
            return bytes.ToArray();
        }
        catch (AmazonS3Exception e) when (e.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override Task PlantForeignAsync(Sha256Digest digest, byte[] bytes) => AlterAsync(digest, bytes);

    /// <inheritdoc/>
    public override Task AlterAsync(Sha256Digest digest, byte[] bytes) => _client!.PutObjectAsync(
        new PutObjectRequest { BucketName = Place, Key = digest.ToString(), InputStream = new MemoryStream(bytes), UseChunkEncoding = false });

    /// <inheritdoc/>
    public override Task RemoveAsync(Sha256Digest digest) => _client!.DeleteObjectAsync(Place, digest.ToString());

    /// <inheritdoc/>
    public override Task<string> FetchWithOtherClientAsync(Sha256Digest digest, TemporaryFolder folder)
    {
        var remote = $"""
            type = s3
            provider = Ceph
            access_key_id = {_ceph!.AccessKey}
            secret_access_key = {_ceph.SecretKey}
            region = {CephS3.Region}
            endpoint = {_ceph.Address}
            """;
        return FetchWithRcloneAsync(folder, remote, $"{Place}/{digest}");
    }

    /// <inheritdoc/>
    public override async Task<int> UnfinishedAsync(Sha256Digest digest)
    {
        var open = await _client!.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Place });
        return open.MultipartUploads?.Count(upload => upload.Key == digest.ToString()) ?? 0;
    }

    /// <inheritdoc/>
    public override bool IsContent(ProxiedRequest request, Sha256Digest digest) => request.Method == "PUT" && IsOf(request, digest);

    /// <inheritdoc/>
    public override bool IsCommit(ProxiedRequest request, Sha256Digest digest) => IsOf(request, digest)
        && (request.Method == "PUT" ? request.Query.Length == 0 || request.Query.StartsWith("?x-id=PutObject", StringComparison.Ordinal)
            : request.Method == "POST" && request.Query.Contains("uploadId=", StringComparison.Ordinal));

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _client?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task<Uri> StartServiceAsync()
    {
        _ceph = await Services.CephS3Async();
        _client = _ceph.CreateClient();
        return _ceph.Address;
    }

    /// <inheritdoc/>
    protected override object BackendSettings(FaultProxy proxy, string place) =>
        new { bucket = place, endpoint = proxy.Address.GetLeftPart(UriPartial.Authority) };

    /// <inheritdoc/>
    protected override object? Credentials(FaultProxy proxy) => Keys(_ceph!.SecretKey);

    private static bool IsOf(ProxiedRequest request, Sha256Digest digest) => request.Path.Contains(digest.Hex, StringComparison.Ordinal);

    private object Keys(string secret) => new { accessKeyId = _ceph!.AccessKey, secretAccessKey = secret, region = CephS3.Region };
}

/// <summary>
/// The gateway as it looks with the documented rights only: a proxy before it refuses to delete, to abort and to list parts.
/// </summary>
public sealed class S3RestrictedStore(TestServices services) : S3Store(services)
{
    private FaultProxy? _filter;

    /// <inheritdoc/>
    public override string Name => "aws-s3, Ceph without delete, abort and list-parts";

    /// <inheritdoc/>
    public override string? PartsStayBecause => "the abort is refused; a lifecycle rule of the bucket drops the parts";

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_filter is not null)
        {
            await _filter.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    protected override async Task<Uri> StartServiceAsync()
    {
        _filter = await FaultProxy.StartAsync(await base.StartServiceAsync());
        _filter.Break(IsRefused, Fault.Answer(403));
        return _filter.Address;
    }

    private static bool IsRefused(ProxiedRequest request) => request.Method == "DELETE"
        || (request.Method == "GET" && (request.Query.Contains("uploadId=", StringComparison.Ordinal) || request.Query.Contains("uploads", StringComparison.Ordinal)));
}
