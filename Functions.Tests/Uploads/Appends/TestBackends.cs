using System.Net;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>A service and a backend of each provider that keeps large content, all real.</summary>
internal sealed class TestBackends
{
    private readonly Azurite _azurite;
    private readonly CephS3? _ceph;
    private readonly OciRegistry? _registry;

    private TestBackends(Azurite azurite, CephS3? ceph, OciRegistry? registry)
    {
        _azurite = azurite;
        _ceph = ceph;
        _registry = registry;
    }

    /// <summary>The ports that the service has to be allowed to reach.</summary>
    public IEnumerable<int> Ports => new[] { _ceph?.Address.Port, _registry?.Address.Port }.OfType<int>();

    /// <summary>The bucket of the last S3 backend.</summary>
    public string? Bucket { get; private set; }

    /// <summary>Starts what a provider needs.</summary>
    public static async Task<TestBackends> StartAsync(TestServices services, string provider) => new(
        await services.AzuriteAsync(),
        provider == "aws-s3" ? await services.CephS3Async() : null,
        provider == "oci" ? await services.OciRegistryAsync() : null);

    /// <summary>Adds a backend to an organization and makes it the default.</summary>
    public async Task AddAsync(Tenant tenant, string provider)
    {
        Bucket = _ceph is null ? null : await _ceph.CreateBucketAsync(TestContext.Current.CancellationToken);
        (await tenant.PostAsync("/v1/backends", new
        {
            name = "large",
            provider,
            maxBytes = 64L << 30,
            @default = true,
            settings = provider switch
            {
                "oci" => new { repository = $"{_registry!.Address.Authority}/tests/{Guid.NewGuid():n}" },
                "aws-s3" => new { bucket = Bucket, endpoint = _ceph!.Address.GetLeftPart(UriPartial.Authority) },
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
