using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Trusts;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Console;

/// <summary>An organization with three weeks of history, so that every page of the console has something to show.</summary>
internal sealed class ConsoleScene : IAsyncDisposable
{
    private const int Days = 20;
    private const string Bucket = "acme-evidence";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly (string Name, string MediaType)[] Kinds =
    [
        ("sbom.cdx.json", "application/vnd.cyclonedx+json"),
        ("test-results.xml", "application/xml"),
        ("build.log.gz", "application/gzip"),
        ("provenance.intoto.jsonl", "application/vnd.in-toto+json"),
        ("image-1.4.0.tar", "application/x-tar"),
    ];

    private readonly TestIssuer _issuer;
    private readonly OciRegistry _registry;

    private ConsoleScene(CasService service, Tenant tenant, TestIssuer issuer, OciRegistry registry)
    {
        Service = service;
        Tenant = tenant;
        _issuer = issuer;
        _registry = registry;
    }

    public CasService Service { get; }

    public Tenant Tenant { get; }

    /// <summary>The artifact that was stored last.</summary>
    public Sha256Digest Newest { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="services">Where the stores come from.</param>
    /// <param name="text">Stands in every field that takes free text; null for what people would write.</param>
    public static async Task<ConsoleScene> StartAsync(TestServices services, string? text = null)
    {
        var ceph = await services.CephS3Async();
        var issuer = await TestIssuer.StartAsync();
        var registry = await OciRegistry.StartAsync(RegistryAccess.Basic);
        var clock = new ShiftedClock { Ahead = TimeSpan.FromDays(-Days) };
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:PublicAddress"] = TrustingService.PublicAddress,
            ["Cas:Outbound:AllowedPorts:10"] = $"{issuer.Port}",
            ["Cas:Outbound:TrustedCertificates:0"] = issuer.Certificate.AuthorityFile,
        };
        var service = await CasService.StartAsync(
            services, [ceph.Address.Port, registry.Address.Port], settings, builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var tenant = await Tenant.CreateAsync(service.Address, service.Azurite.ConnectionString, "acme");
        var scene = new ConsoleScene(service, tenant, issuer, registry);
        await scene.AddBackendsAsync(ceph, text);
        await scene.AddPeopleAsync(text);
        await scene.StoreAsync(clock, text);
        await scene.BreakAsync();
        return scene;
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await _registry.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    private async Task AddBackendsAsync(CephS3 ceph, string? text)
    {
        using var client = ceph.CreateClient();
        await client.PutBucketAsync(Bucket, Cancellation);
        await AddAsync(new
        {
            name = "azure",
            provider = "azure-blob",
            description = text ?? "Evidence of releases, kept for ten years",
            maxBytes = 64L << 30,
            @default = true,
            settings = new { container = "evidence" },
            credentials = new { connectionString = Service.Azurite.ConnectionString },
        });
        await AddAsync(new
        {
            name = "ceph",
            provider = "aws-s3",
            description = text ?? "Own data centre",
            maxBytes = 10L << 30,
            fallback = true,
            settings = new { endpoint = ceph.Address, bucket = Bucket, prefix = "ci" },
            credentials = new { accessKeyId = ceph.AccessKey, secretAccessKey = ceph.SecretKey, region = CephS3.Region },
        });
        await AddAsync(new
        {
            name = "registry",
            provider = "oci",
            description = text ?? "Former registry",
            maxBytes = 1L << 30,
            settings = new { repository = _registry.Address.Authority + "/evidence" },
            credentials = new { username = OciRegistry.UserName, password = _registry.Password },
        });

        async Task AddAsync(object backend) => (await Tenant.PostAsync("/v1/backends", backend)).Expect(HttpStatusCode.Created);
    }

    private async Task AddPeopleAsync(string? text)
    {
        var owners = new[] { "ann@example.com", "o'neill&co@example.com" };
        (await Tenant.PatchAsync("/v1/organization", new { owners })).Expect(HttpStatusCode.OK);
        foreach (var (name, role) in new[] { ("release pipeline", "uploader"), ("auditors", "downloader"), ("dashboard", "viewer") })
        {
            var token = new { name = text ?? name, role, expiresInSeconds = 90 * 86_400 };
            (await Tenant.PostAsync("/v1/tokens", token)).Expect(HttpStatusCode.Created);
        }

        (await Tenant.PostAsync("/v1/trusts", new
        {
            issuer = _issuer.Name,
            role = "uploader",
            description = text ?? "The release workflow of acme/app",
            claims = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["repository_id"] = "123",
                ["ref"] = text ?? "refs/heads/main",
            },
        })).Expect(HttpStatusCode.Created);
    }

    private async Task StoreAsync(ShiftedClock clock, string? text)
    {
        // The same contents each time, so that pictures of them are the same.
        var count = 0;
        for (var day = 0; day < Days; day++)
        {
            for (var i = 0; i <= day * 7 % 5; i++)
            {
                var (name, mediaType) = Kinds[count % Kinds.Length];
                var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"evidence {count}\n", 200 + (count * 37))));
                using var body = new ByteArrayContent(content);
                body.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
                Newest = Sha256Digest.Of(content);
                var path = $"/v1/artifacts/{Newest}?name={Uri.EscapeDataString(text ?? name)}";
                (await Tenant.SendAsync(HttpMethod.Put, path, Tenant.OwnerToken, body)).Expect(HttpStatusCode.Created);
                count++;
            }

            clock.Ahead += TimeSpan.FromDays(1);
        }

        (await Tenant.GetAsync($"/v1/artifacts/{Newest}")).Expect(HttpStatusCode.OK);
        (await Tenant.PostAsync($"/v1/artifacts/{Newest}/verification", new { })).Expect(HttpStatusCode.OK);
        await Eventually.TrueAsync(async _ => await CountUploadsAsync() == count, Deadline, Cancellation);
    }

    private async Task<int> CountUploadsAsync() => (await Tenant.GetAsync("/v1/usage")).Json.GetProperty("totals").EnumerateArray()
        .Sum(total => total.GetProperty("uploads").GetInt32());

    private async Task BreakAsync()
    {
        await _registry.SetUsersAsync((OciRegistry.UserName, RandomNumberGenerator.GetHexString(20)));
        foreach (var name in new[] { "azure", "ceph", "registry" })
        {
            (await Tenant.PostAsync($"/v1/backends/{name}/validation", new { })).Expect(HttpStatusCode.OK);
        }
    }
}
