using System.Net;
using System.Security.Cryptography;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Uploads.Appends;

namespace CasFunctions.Tests.Uploads;

/// <summary>How often uploads ask the service's own tables: it is what small ones take time and money for.</summary>
public sealed class RoundTripTests(TestServices services)
{
    private const int Others = 32;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_small_upload_reads_the_index_once_and_writes_it_and_the_listing_once()
    {
        await using var tables = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await StartAsync(tables);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        await UploadAsync(tenant);
        var before = tables.Requests.Count;

        await UploadAsync(tenant);

        // Audit and usage are written later, many events at a time; what is cached for seconds may expire in between.
        var calls = tables.Requests.Skip(before).ToList();
        Assert.Equal(["GET", "POST"], calls.Where(call => Names(call, "Artifacts")).Select(call => call.Method));
        Assert.Single(calls, call => Names(call, "Listing"));
        Assert.DoesNotContain(calls, call => Names(call, "Sessions"));
    }

    [Theory]
    [InlineData("azure-blob", 9_000_000, 0)]
    [InlineData("aws-s3", 8 * 1024 * 1024, 0)]
    [InlineData("aws-s3", 9_000_000, 1)]
    public async Task A_one_call_upload_is_remembered_while_a_store_would_keep_its_parts_for_ever(string provider, int size, int rows)
    {
        var backends = await TestBackends.StartAsync(services, provider);
        await using var tables = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await StartAsync(tables, backends.Ports);
        var tenant = await service.NewTenantAsync();
        await backends.AddAsync(tenant, provider);

        (await tenant.PutArtifactAsync(RandomNumberGenerator.GetBytes(size))).Expect(HttpStatusCode.Created);

        // The sweeper reads when its time has come.
        var calls = tables.Requests.Where(call => call.Method != "GET").ToList();
        var begun = Enumerable.Repeat("POST SessionExpiry", rows).Concat(Enumerable.Repeat("POST Sessions", rows));
        var ended = Enumerable.Repeat("DELETE Sessions", rows).Concat(Enumerable.Repeat("DELETE SessionExpiry", rows));
        Assert.Equal([.. begun, .. ended], calls.Select(CallOnSessions).OfType<string>());

        static string? CallOnSessions(ProxiedRequest call) =>
            Names(call, "Sessions") ? call.Method + " Sessions" : Names(call, "SessionExpiry") ? call.Method + " SessionExpiry" : null;
    }

    [Fact]
    public async Task Uploads_at_the_same_time_share_writes_of_the_listing()
    {
        await using var tables = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await StartAsync(tables);
        var tenant = await service.NewTenantAsync();
        var release = new TaskCompletionSource();
        tables.Break(call => Names(call, "Listing"), Fault.HoldUntil(release.Task), times: 1);
        var first = UploadAsync(tenant);
        await Eventually.TrueAsync(_ => Task.FromResult(Count("Listing") == 1), Deadline, Cancellation);

        var others = Enumerable.Range(0, Others).Select(_ => UploadAsync(tenant)).ToList();
        await Eventually.TrueAsync(_ => Task.FromResult(Count("Artifacts") == Others + 1), Deadline, Cancellation);
        Assert.DoesNotContain(others, upload => upload.IsCompleted);
        release.SetResult();
        await Task.WhenAll([first, .. others]);

        Assert.InRange(tables.Requests.Count(call => Names(call, "Listing") || Names(call, "$batch")), 2, Others / 2);
        var page = (await tenant.GetAsync("/v1/artifacts?limit=100")).Expect(HttpStatusCode.OK).Json.GetProperty("artifacts");
        Assert.Equal(Others + 1, page.GetArrayLength());

        int Count(string table) => tables.Requests.Count(call => call.Method != "GET" && Names(call, table));
    }

    /// <summary>True for the calls that make use of a table; not for those that create it.</summary>
    private static bool Names(ProxiedRequest call, string table) =>
        call.Path.Split('(')[0].EndsWith(table, StringComparison.Ordinal) || call.Path.EndsWith(table + "()", StringComparison.Ordinal);

    private static async Task UploadAsync(Tenant tenant) =>
        (await tenant.PutArtifactAsync(RandomNumberGenerator.GetBytes(1000), "sbom.json")).Expect(HttpStatusCode.Created);

    private async Task<CasService> StartAsync(FaultProxy tables, IEnumerable<int>? ports = null) => await CasService.StartAsync(
        services,
        ports,
        settings: new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:Storage:ConnectionString"] = tables.Through((await services.AzuriteAsync()).ConnectionString),
        });
}
