using System.Net;
using System.Security.Cryptography;
using CasFunctions.Audit;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Audit;

/// <summary>Events over many days, with a table that can't be reached, and in a service that stops.</summary>
public sealed class AuditWritingTests(TestServices services)
{
    /// <summary>Enough events at once that some of them share a batch.</summary>
    private const int Together = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 7)]
    [InlineData(7, 60)]
    [InlineData(20, 60)]
    [InlineData(200, 450)]
    public async Task Pages_over_many_days_have_no_gaps_and_no_repeats(int limit, int count)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var service = await StartAsync(clock);
        var tenant = await service.NewTenantAsync();
        var log = service.Services.GetRequiredService<AuditLog>();
        for (var i = 0; i < count; i++)
        {
            await RecordAsync(log, tenant, $"{i}");
            if (i % 20 == 19)
            {
                clock.Advance(TimeSpan.FromHours(7));
            }
        }

        var read = await tenant.ReadAuditAsync(limit, AuditActions.BackendChanged, () => RecordAsync(log, tenant, "later"));

        Assert.Equal(Enumerable.Range(0, count).Reverse().Select(i => $"{i}"), read.Select(line => line.Subject).Where(subject => subject != "later"));
        Assert.Equal(read.Count, read.Select(line => line.At).Distinct().Count());
    }

    [Fact]
    public async Task When_the_table_cannot_be_reached_the_request_fails_and_its_event_is_written_later_in_its_place()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await StartAsync(proxy);
        var tenant = await service.NewTenantAsync();
        var before = (await tenant.PostAsync("/v1/tokens", new { name = "before", role = "viewer" })).Expect(HttpStatusCode.Created)["id"]!;
        var content = RandomNumberGenerator.GetBytes(10);
        proxy.Break(OfAudit, Fault.Answer(503));

        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        (await tenant.PostAsync("/v1/tokens", new { name = "during", role = "viewer" })).ExpectProblem(HttpStatusCode.ServiceUnavailable, "storage-unavailable");
        (await tenant.DeleteAsync("/v1/tokens/" + before)).ExpectProblem(HttpStatusCode.ServiceUnavailable, "storage-unavailable");
        proxy.Heal();
        var after = (await tenant.PostAsync("/v1/tokens", new { name = "after", role = "viewer" })).Expect(HttpStatusCode.Created)["id"]!;

        var events = await tenant.ReadAuditWithAsync(AuditActions.TokenRevoked, before);
        var during = (await tenant.GetAsync("/v1/tokens")).Json.GetProperty("tokens").EnumerateArray()
            .Single(token => token.GetProperty("name").GetString() == "during").GetProperty("id").GetString()!;
        Assert.Equal(
            [
                (AuditActions.TokenCreated, after),
                (AuditActions.TokenRevoked, before),
                (AuditActions.TokenCreated, during),
                (AuditActions.ArtifactUploaded, Sha256Digest.Of(content).ToString()),
                (AuditActions.TokenCreated, before),
            ],
            events.Take(5).Select(line => (line.Action, line.Subject)));
    }

    [Fact]
    public async Task A_lost_reply_makes_no_second_event()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await StartAsync(proxy);
        var tenant = await service.NewTenantAsync();
        proxy.Break(OfAudit, Fault.LoseReply, times: 2);
        var token = (await tenant.PostAsync("/v1/tokens", new { name = "x", role = "viewer" })).Expect(HttpStatusCode.Created)["id"]!;
        (await tenant.PutArtifactAsync([1])).Expect(HttpStatusCode.Created);
        proxy.Break(OfAudit, Fault.LoseReply, times: 2);
        await Task.WhenAll(Enumerable.Range(0, Together).Select(_ => DownloadAsync()));
        await Eventually.TrueAsync(async _ => await DownloadsAsync() >= Together, TimeSpan.FromSeconds(15), Cancellation);

        // What comes after a batch is not written before the batch counts as written.
        await DownloadAsync();
        await Eventually.TrueAsync(async _ => await DownloadsAsync() > Together, TimeSpan.FromSeconds(15), Cancellation);

        Assert.Equal(Together + 1, await DownloadsAsync());
        Assert.Single(await tenant.ReadAuditAsync(), line => line.Subject == token);

        async Task DownloadAsync() => (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of([1])}")).Expect(HttpStatusCode.OK);

        async Task<int> DownloadsAsync() => (await tenant.ReadAuditAsync(action: AuditActions.ArtifactDownloaded)).Count;
    }

    [Fact]
    public async Task A_service_that_stops_writes_what_waits()
    {
        // Its clock stands still, so that nothing but the stop makes it write.
        await using var first = await StartAsync(new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        var tenant = await first.NewTenantAsync();
        var contents = Enumerable.Range(0, 130).Select(i => BitConverter.GetBytes(i)).ToList();
        foreach (var content in contents)
        {
            (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        }

        Assert.Empty(await tenant.ReadAuditAsync(action: AuditActions.ArtifactUploaded));
        await using var second = await CasService.StartAsync(services, tablePrefix: first.TablePrefix);
        await first.DisposeAsync();

        var events = await tenant.At(second.Address).ReadAuditAsync(action: AuditActions.ArtifactUploaded);
        Assert.Equal(contents.Select(content => Sha256Digest.Of(content).ToString()).Reverse(), events.Select(line => line.Subject));
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(0, false)]
    public async Task Events_are_kept_for_as_many_days_as_set(int days, bool deletes)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var service = await StartAsync(clock, new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Audit:RetentionDays"] = $"{days}" });
        Tenant[] tenants = [await service.NewTenantAsync(), await service.NewTenantAsync()];
        var log = service.Services.GetRequiredService<AuditLog>();
        foreach (var tenant in tenants)
        {
            await Task.WhenAll(Enumerable.Range(0, 120).Select(i => RecordAsync(log, tenant, $"old {i}")));
        }

        clock.Advance(TimeSpan.FromDays(1));
        await RecordAsync(log, tenants[0], "kept");
        clock.Advance(TimeSpan.FromDays(30));
        await RecordAsync(log, tenants[0], "new");
        var retention = service.Services.GetRequiredService<AuditRetention>();

        await Task.WhenAll(retention.PruneAsync(Cancellation), retention.PruneAsync(Cancellation));
        await retention.PruneAsync(Cancellation);

        string[] kept = ["new", "kept"];
        var read = (await tenants[0].ReadAuditAsync()).Select(line => line.Subject).ToList();
        Assert.Equal(kept, read.Take(2));
        Assert.Equal(deletes, read.Count == 2);
        Assert.Equal(deletes, (await tenants[1].ReadAuditAsync()).Count == 0);
    }

    [Fact]
    public async Task The_timer_prunes()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var service = await StartAsync(clock);
        var tenant = await service.NewTenantAsync();
        Assert.NotEmpty(await tenant.ReadAuditAsync());
        clock.Advance(TimeSpan.FromDays(366));

        (await tenant.PostAsync("/admin/functions/PruneAudit", new { })).Expect(HttpStatusCode.Accepted);

        await Eventually.TrueAsync(async _ => (await tenant.ReadAuditAsync()).Count == 0, TimeSpan.FromSeconds(15), Cancellation);
    }

    private static bool OfAudit(ProxiedRequest request) =>
        request.Method != "GET" && Array.Exists(["Audit", "$batch"], end => request.Path.EndsWith(end, StringComparison.Ordinal));

    private static Task RecordAsync(AuditLog log, Tenant tenant, string subject) => log.RecordNowAsync(
        new AuditEvent { Organization = tenant.Name, Actor = AuditEvent.System, Action = AuditActions.BackendChanged, Subject = subject }, Cancellation);

    private Task<CasService> StartAsync(TimeProvider clock, IReadOnlyDictionary<string, string>? settings = null) =>
        CasService.StartAsync(services, settings: settings, configure: builder => builder.Services.AddSingleton(clock));

    private async Task<CasService> StartAsync(FaultProxy proxy) => await CasService.StartAsync(services, settings: new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Cas:Storage:ConnectionString"] = proxy.Through((await services.AzuriteAsync()).ConnectionString),
    });
}
