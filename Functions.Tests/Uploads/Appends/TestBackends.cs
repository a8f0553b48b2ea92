using System.Net;
using Amazon.S3.Model;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>A service and a backend of each provider that keeps large content, all real.</summary>
internal sealed class TestBackends
{
    private readonly Azurite _azurite;
    private readonly CephS3? _ceph;
    private readonly OciRegistry? _registry;
    private string? _bucket;

    private TestBackends(Azurite azurite, CephS3? ceph, OciRegistry? registry)
    {
        _azurite = azurite;
        _ceph = ceph;
        _registry = registry;
    }

    /// <summary>The ports that the service has to be allowed to reach.</summary>
    public IEnumerable<int> Ports => new[] { _ceph?.Address.Port, _registry?.Address.Port }.OfType<int>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts what a provider needs.</summary>
    /// <param name="services">The services that all tests share.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="ceph">An S3 service of the test's own, for large content.</param>
    public static async Task<TestBackends> StartAsync(TestServices services, string provider, CephS3? ceph = null) => new(
        await services.AzuriteAsync(),
        provider == "aws-s3" ? ceph ?? await services.CephS3Async() : null,
        provider == "oci" ? await services.OciRegistryAsync() : null);

    /// <summary>Opens an upload at the S3 service that nobody remembers, as an instance that died at the wrong moment does.</summary>
    public async Task AddForgottenUploadAsync(byte[] content)
    {
        if (_ceph is not null)
        {
            using var client = _ceph.CreateClient();
            await client.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest { BucketName = _bucket, Key = Sha256Digest.Of(content).ToString() }, Cancellation);
        }
    }

    /// <summary>The keys of the uploads that are open at the S3 service.</summary>
    public async Task<IReadOnlyList<string>> OpenUploadsAsync()
    {
        if (_ceph is null)
        {
            return [];
        }

        using var client = _ceph.CreateClient();
        var open = await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket }, Cancellation);
        return [.. (open.MultipartUploads ?? []).Select(upload => upload.Key)];
    }

    /// <summary>Adds a backend to an organization and makes it the default.</summary>
    /// <param name="tenant">The organization.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="proxy">A proxy before the S3 service, if any.</param>
    public async Task AddAsync(Tenant tenant, string provider, FaultProxy? proxy = null)
    {
        _bucket = _ceph is null ? null : await _ceph.CreateBucketAsync(Cancellation);
        (await tenant.PostAsync("/v1/backends", new
        {
            name = "large",
            provider,
            maxBytes = 64L << 30,
            @default = true,
            settings = provider switch
            {
                "oci" => new { repository = $"{_registry!.Address.Authority}/tests/{Guid.NewGuid():n}" },
                "aws-s3" => new { bucket = _bucket, endpoint = (proxy?.Address ?? _ceph!.Address).GetLeftPart(UriPartial.Authority) },
                _ => (object)new { container = tenant.Container.Name },
            },
            credentials = provider switch
            {
                "oci" => null,
                "aws-s3" => new { accessKeyId = _ceph!.AccessKey, secretAccessKey = _ceph.SecretKey, region = CephS3.Region },
                _ => (object)new { connectionString = _azurite.ConnectionString },
            },
        })).Expect(HttpStatusCode.Created);
    }
}
