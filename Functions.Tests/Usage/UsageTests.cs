using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Usage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Usage;

public sealed class UsageTests(TestServices services, RunningService running)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_use_is_counted_by_backend()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(1000);
        var digest = Sha256Digest.Of(content);
        var path = $"/v1/artifacts/{digest}";
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.OK);
        (await tenant.GetAsync(path)).Expect(HttpStatusCode.OK);
        (await tenant.SendAsync(HttpMethod.Get, path, tenant.OwnerToken, null, ("Range", "bytes=0-9"))).Expect(HttpStatusCode.PartialContent);
        (await tenant.SendAsync(HttpMethod.Head, path, tenant.OwnerToken, null)).Expect(HttpStatusCode.OK);
        await tenant.Container.GetBlobClient((await tenant.BlobsAsync()).Single(name => name.Contains(digest.Hex, StringComparison.Ordinal))).DeleteAsync(cancellationToken: Cancellation);
        (await tenant.GetAsync(path)).Expect(HttpStatusCode.BadGateway);
        var small = (await tenant.CreateUploadAsync(Sha256Digest.Of([1, 2, 3]), 3, backend: "inline")).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        (await tenant.PutAsync(small, [1, 2, 3])).Expect(HttpStatusCode.Created);

        var report = await ReadUntilAsync(tenant, "", report => report.Totals.Sum(backend => backend.Uploads + backend.VerificationFailures) == 3);

        var azure = new BackendUsage
        {
            Backend = "azure",
            Uploads = 1,
            UploadedBytes = 1000,
            Deduplicated = 1,
            Downloads = 2,
            DownloadedBytes = 1010,
            VerificationFailures = 1,
        };
        Assert.Equal([azure, new BackendUsage { Backend = "inline", Uploads = 1, UploadedBytes = 3 }], report.Totals);
        Assert.Equal(["azure", "inline"], report.Days.Select(day => day.Backend));
        Assert.Equal(29, report.To.DayNumber - report.From.DayNumber);
        Assert.All(report.Days, day => Assert.True(report.To.DayNumber - day.Day.DayNumber <= 1));
        var other = await running.NewTenantAsync(services);
        Assert.Empty((await ReadAsync(other, "")).Days);
    }

    [Fact]
    public async Task What_the_fallback_takes_counts_as_a_failover()
    {
        var service = await running.GetAsync(services);
        var tenant = await running.NewAzureTenantAsync(services);
        await new TableClient(service.Azurite.ConnectionString, service.TablePrefix + "Backends")
            .UpdateEntityAsync(new TableEntity(tenant.Name, "_selection") { ["Fallback"] = "inline" }, ETag.All, TableUpdateMode.Merge, Cancellation);
        await tenant.Container.DeleteAsync(cancellationToken: Cancellation);
        (await tenant.PutArtifactAsync([1, 2, 3])).Expect(HttpStatusCode.Created);

        var report = await ReadUntilAsync(tenant, "", report => report.Totals.Count > 0);

        Assert.Equal(new BackendUsage { Backend = "inline", Uploads = 1, UploadedBytes = 3, Failovers = 1 }, report.Totals.Single());
    }

    [Fact]
    public async Task Two_services_add_up_exactly_though_replies_are_lost_and_the_table_is_away_for_a_while()
    {
        var azurite = await services.AzuriteAsync();
        await using var proxy = await FaultProxy.StartAsync(azurite.TableEndpoint);
        await using var first = await CasService.StartAsync(services, settings: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:Storage:ConnectionString"] = proxy.Through(azurite.ConnectionString),
        });
        await using var second = await CasService.StartAsync(services, tablePrefix: first.TablePrefix);
        var tenant = await first.NewTenantAsync();
        var meters = new[] { first, second }.Select(service => service.Services.GetRequiredService<UsageMeter>()).ToList();
        proxy.Break(OfUsage, Fault.LoseReply, times: 4);
        proxy.Break(OfUsage, Fault.Answer(503), times: 7);

        for (var round = 1; round <= 3; round++)
        {
            foreach (var meter in meters)
            {
                for (var i = 0; i < 100; i++)
                {
                    meter.Add(tenant.Name, "azure", new UsageCounts { Uploads = 1, UploadedBytes = 10, Failovers = 1 });
                }
            }

            // Further than this the sum never goes; until it is reached, everything is tried again.
            await ReadUntilAsync(tenant, "", report => report.Totals.SingleOrDefault()?.Uploads >= 200 * round);
        }

        await first.DisposeAsync();
        var total = (await ReadAsync(tenant.At(second.Address), "")).Totals.Single();
        Assert.Equal(new BackendUsage { Backend = "azure", Uploads = 600, UploadedBytes = 6000, Failovers = 600 }, total);
    }

    [Fact]
    public async Task A_service_that_stops_writes_its_counts_and_days_are_kept_apart()
    {
        // The clock moves by whole days only, so that the stop has something left to write.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var first = await CasService.StartAsync(services, configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await using var second = await CasService.StartAsync(services, tablePrefix: first.TablePrefix);
        var tenant = await first.NewTenantAsync();
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        (await tenant.PutArtifactAsync([1])).Expect(HttpStatusCode.Created);
        clock.Advance(TimeSpan.FromDays(1));
        (await tenant.PutArtifactAsync([2])).Expect(HttpStatusCode.Created);
        (await tenant.PutArtifactAsync([3])).Expect(HttpStatusCode.Created);
        await first.DisposeAsync();

        var reader = tenant.At(second.Address);
        var report = await ReadAsync(reader, $"?from={Text(today)}&to={Text(today.AddDays(1))}");

        Assert.Equal([(today, 1), (today.AddDays(1), 2)], report.Days.Select(day => (day.Day, day.Uploads)));
        Assert.Equal(3, report.Totals.Single().Uploads);
        Assert.Equal([2L], (await ReadAsync(reader, $"?from={Text(today.AddDays(1))}&to={Text(today.AddDays(5))}")).Days.Select(day => day.Uploads));
        Assert.Equal([1L], (await ReadAsync(reader, $"?to={Text(today)}")).Days.Select(day => day.Uploads));
    }

    [Theory]
    [InlineData("from=", "from")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2026-02-30", "from")]
    [InlineData("from=2026-1-1&to=2026-01-02", "from")]
    [InlineData("to=20260101", "to")]
    [InlineData("to=2026-01-01T00:00:00Z", "to")]
    [InlineData("from=2026-01-02&to=2026-01-01", "from")]
    [InlineData("from=2025-01-01&to=2026-02-05", "from")]
    [InlineData("from=0001-01-01", "from")]
    public async Task A_wrong_range_of_days_is_refused(string query, string field)
    {
        var tenant = await running.NewTenantAsync(services);

        var refusal = (await tenant.GetAsync("/v1/usage?" + query)).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");

        Assert.Equal(field, refusal["field"]);
    }

    [Theory]
    [InlineData("from=2025-01-01&to=2026-02-04")]
    [InlineData("from=9999-12-31&to=9999-12-31")]
    [InlineData("to=0001-01-01")]
    public async Task An_extreme_range_of_days_is_answered(string query)
    {
        var tenant = await running.NewTenantAsync(services);

        Assert.Empty((await ReadAsync(tenant, "?" + query)).Days);
    }

    private static bool OfUsage(ProxiedRequest request) => request.Method != "GET" && request.Path.Contains("Usage", StringComparison.Ordinal);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<UsageReport> ReadAsync(Tenant tenant, string query) =>
        JsonSerializer.Deserialize((await tenant.GetAsync("/v1/usage" + query)).Expect(HttpStatusCode.OK).Body, ApiJson.Default.UsageReport)!;

    private static async Task<UsageReport> ReadUntilAsync(Tenant tenant, string query, Func<UsageReport, bool> condition)
    {
        UsageReport? report = null;
        await Eventually.TrueAsync(async _ => condition(report = await ReadAsync(tenant, query)), Deadline, Cancellation);
        return report!;
    }
}
