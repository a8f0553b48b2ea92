using System.Net;
using System.Security.Cryptography;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Uploads;

namespace CasFunctions.Tests.Conformance;

/// <summary>
/// 1 GiB up and down through each provider, with the memory of the service measured from outside. It takes minutes and some GiB of
/// disk, so it runs only when the environment variable <c>CAS_LONG_TESTS</c> is <c>1</c>:
/// <c>CAS_LONG_TESTS=1 ./test --filter "FullyQualifiedName~LargeContent"</c>.
/// </summary>
public sealed class LargeContentTests(TestServices services)
{
    private const long MiB = 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("azure-blob")]
    [InlineData("aws-s3")]
    [InlineData("oci")]
    public async Task A_gibibyte_takes_less_than_200_MiB_of_memory(string provider)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CAS_LONG_TESTS") == "1", "It takes minutes: set CAS_LONG_TESTS=1.");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak of another process's memory is read from /proc.");
        await using var ceph = provider == "aws-s3" ? await CephS3.StartAsync(CephObjectStore.Disk) : null;
        var registry = provider == "oci" ? await services.OciRegistryAsync() : null;
        int[] ports = (ceph?.Address ?? registry?.Address) is { } address ? [address.Port] : [];
        await using var service = await CasProcess.StartAsync(services, ports: ports);
        var tenant = await service.NewTenantAsync();
        (await tenant.PostAsync("/v1/backends", new
        {
            name = "large",
            provider,
            maxBytes = 2048 * MiB,
            @default = true,
            settings = provider switch
            {
                "oci" => new { repository = $"{registry!.Address.Authority}/tests/large" },
                "aws-s3" => new { bucket = await ceph!.CreateBucketAsync(Cancellation), endpoint = ceph.Address.GetLeftPart(UriPartial.Authority) },
                _ => (object)new { container = tenant.Container.Name },
            },
            credentials = provider switch
            {
                "oci" => null,
                "aws-s3" => new { accessKeyId = ceph!.AccessKey, secretAccessKey = ceph.SecretKey, region = CephS3.Region },
                _ => (object)new { connectionString = service.Azurite.ConnectionString },
            },
        })).Expect(HttpStatusCode.Created);

        foreach (var chunked in new[] { true, false })
        {
            var content = GeneratedContent.Create(1024 * MiB, chunked);
            var upload = await tenant.NewUploadAsync(content.Digest, content.Size);
            (await tenant.SendAsync(HttpMethod.Put, upload, null, content)).Expect(HttpStatusCode.Created);
            using var reply = await tenant.OpenAsync(content.Digest);
            await using var body = await reply.Content.ReadAsStreamAsync(Cancellation);
            Assert.Equal(content.Digest.Hex, Convert.ToHexStringLower(await SHA256.HashDataAsync(body, Cancellation)));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{provider}: peak {service.PeakMemory / MiB} MiB");
        Assert.InRange(service.PeakMemory, 0, 200 * MiB);
    }
}
