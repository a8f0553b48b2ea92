using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Backends;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>Appends to a session whose backend fails while another can stand in for it.</summary>
public sealed class AppendFailoverTests(TestServices services)
{
    private const int Part = AppendCalls.Part;

    [Theory]
    [InlineData(1000, 400)]
    [InlineData((2 * Part) + 1000, 700)]
    [InlineData((2 * Part) + 1000, Part + 700)]
    [InlineData((2 * Part) + 1000, (2 * Part) + 1000)]
    public async Task A_default_that_has_taken_nothing_is_replaced_by_the_fallback_and_the_client_notices_nothing(int size, int first)
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        var content = RandomNumberGenerator.GetBytes(size);
        var upload = await tenant.NewIetfAsync(content);
        Assert.Equal("main", (await tenant.GetAsync(upload))["backend"]);
        backends.KillMain();

        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, first), first == size))
            .Expect(first == size ? HttpStatusCode.Created : HttpStatusCode.NoContent);
        if (first < size)
        {
            (await tenant.AppendIetfAsync(upload, first, content.AsMemory(first), true)).Expect(HttpStatusCode.Created);
        }

        var shown = (await tenant.GetAsync(upload)).Expect(HttpStatusCode.OK);
        Assert.Equal(("spare", "committed"), (shown["backend"], shown["status"]));
        Assert.StartsWith("fallback: 'main' ", shown["backendReason"], StringComparison.Ordinal);
        await tenant.AssertStoredAsync(content);
        Assert.Empty(await TwoBackends.BlobsAsync(tenant.Container));
        Assert.Single(await TwoBackends.BlobsAsync(backends.Spare));
    }

    [Fact]
    public async Task A_content_without_bytes_outlives_a_fault_like_any_other()
    {
        var backends = await TestBackends.StartAsync(services, "aws-s3");
        await using var proxy = await FaultProxy.StartAsync((await services.CephS3Async()).Address);
        await using var service = await CasService.StartAsync(services, [.. backends.Ports, proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        await backends.AddAsync(tenant, "aws-s3", proxy);
        (await tenant.PatchAsync("/v1/backends/inline", new { fallback = false })).Expect(HttpStatusCode.OK);
        var upload = await tenant.NewUploadAsync(Sha256Digest.Of([]), 0);
        proxy.Break(request => request.Method == "PUT", Fault.Answer(503));
        Assert.InRange((int)(await tenant.AppendIetfAsync(upload, 0, Array.Empty<byte>(), true)).Status, 500, 599);
        proxy.Heal();

        Assert.Equal(0, await tenant.OffsetAsync(upload));
        (await tenant.AppendIetfAsync(upload, 0, Array.Empty<byte>(), true)).Expect(HttpStatusCode.Created);

        await tenant.AssertStoredAsync([]);
    }

    [Fact]
    public async Task A_default_that_dies_after_it_has_taken_parts_costs_one_new_session()
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        var content = RandomNumberGenerator.GetBytes((3 * Part) + 1000);
        var upload = await tenant.NewTusAsync(content);
        (await tenant.AppendTusAsync(upload, 0, content.AsMemory(0, Part + 700))).Expect(HttpStatusCode.NoContent);
        backends.KillMain();

        var broken = (await tenant.AppendTusAsync(upload, Part + 700, content.AsMemory(Part + 700)))
            .ExpectProblem(HttpStatusCode.ServiceUnavailable, "upload-broken");

        Assert.Contains("new session", broken["hint"], StringComparison.Ordinal);
        (await tenant.HeadTusAsync(upload)).Expect(HttpStatusCode.Gone);
        var next = await tenant.NewTusAsync(content);
        (await tenant.AppendTusAsync(next, 0, content)).Expect(HttpStatusCode.NoContent);
        Assert.Equal("spare", (await tenant.GetAsync(next))["backend"]);
        await tenant.AssertStoredAsync(content);
        Assert.Single(await TwoBackends.BlobsAsync(backends.Spare));
    }
}
