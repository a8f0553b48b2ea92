using System.Net;
using System.Text;
using System.Text.Json;
using CasFunctions.Health;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Health;

/// <summary>What probes learn of the service.</summary>
public sealed class HealthTests(TestServices services, RunningService running)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_is_well_says_so_of_each_thing_that_it_needs_and_tells_nothing_else()
    {
        var service = await running.GetAsync(services);
        var tenant = await service.NewTenantAsync();

        var reply = await tenant.SendAsync(HttpMethod.Get, "/v1/health", null, null);

        Assert.Equal("no-store", reply.Message.Headers.CacheControl?.ToString());
        reply.Expect(HttpStatusCode.OK);
        Assert.Equal(["tables", "blobs", "secrets", "mail", "uploadMemory"], Checks(reply).Keys);
        Assert.All(Checks(reply).Where(check => check.Key is not ("mail" or "uploadMemory")), check => Assert.Equal("ok", check.Value));
        Assert.Equal("off", Checks(reply)["mail"]);
        Assert.DoesNotContain("devstoreaccount1", Encoding.UTF8.GetString(reply.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_tables_the_service_is_unavailable_and_without_the_rest_degraded()
    {
        await using var tables = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var blobs = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        var settings = await ThroughAsync(tables, blobs);
        await using var service = await CasService.StartAsync(services, settings: settings);
        var tenant = await service.NewTenantAsync();
        await BecomesAsync(tenant, HttpStatusCode.OK, "ok", "ok", "ok");

        blobs.Break(_ => true, Fault.Cut);
        await BecomesAsync(tenant, HttpStatusCode.OK, "degraded", "ok", "degraded");

        tables.Break(_ => true, Fault.Cut);
        await BecomesAsync(tenant, HttpStatusCode.ServiceUnavailable, "unavailable", "unavailable", "degraded");

        blobs.Heal();
        tables.Heal();
        await BecomesAsync(tenant, HttpStatusCode.OK, "ok", "ok", "ok");
    }

    [Fact]
    public async Task Storage_that_hangs_delays_the_answer_by_seconds_only_and_is_asked_once_however_many_want_to_know()
    {
        await using var tables = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var blobs = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, settings: await ThroughAsync(tables, blobs));
        var tenant = await service.NewTenantAsync();
        await BecomesAsync(tenant, HttpStatusCode.OK, "ok", "ok", "ok");
        tables.Break(_ => true, Fault.Stall);
        await BecomesAsync(tenant, HttpStatusCode.ServiceUnavailable, "unavailable", "unavailable", "ok");

        var before = blobs.Requests.Count;
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => tenant.SendAsync(HttpMethod.Get, "/v1/health", null, null)));

        Assert.All(replies, reply => reply.Expect(HttpStatusCode.ServiceUnavailable));
        Assert.True(clock.GetElapsedTime(start) < ServiceHealth.Limit + ServiceHealth.FreshFor + TimeSpan.FromSeconds(10));
        Assert.InRange(blobs.Requests.Count - before, 0, 3);
    }

    private async Task<Dictionary<string, string>> ThroughAsync(FaultProxy tables, FaultProxy blobs) => new(StringComparer.Ordinal)
    {
        ["Cas:Storage:ConnectionString"] = blobs.Through(tables.Through((await services.AzuriteAsync()).ConnectionString)),
    };

    private static Dictionary<string, string> Checks(ApiReply reply) => reply.Json.GetProperty("checks").Deserialize<Dictionary<string, string>>()!;

    /// <summary>Waits for a finding: the one before counts for some seconds.</summary>
    private static Task BecomesAsync(Tenant tenant, HttpStatusCode status, string whole, string tables, string blobs) => Eventually.TrueAsync(
        async _ =>
        {
            var reply = await tenant.SendAsync(HttpMethod.Get, "/v1/health", null, null);
            var checks = Checks(reply);
            return reply.Status == status && reply["status"] == whole && checks["tables"] == tables && checks["blobs"] == blobs;
        },
        TimeSpan.FromSeconds(60),
        Cancellation);
}
