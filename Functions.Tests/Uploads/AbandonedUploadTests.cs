using System.Net;
using System.Security.Cryptography;
using Azure.Data.Tables;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Uploads.Appends;
using CasFunctions.Uploads;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Uploads;

/// <summary>
/// Uploads in parts to S3, which keeps the parts of those that nobody ends: whatever happens, some sweep drops them, and nothing else.
/// </summary>
public sealed class AbandonedUploadTests(TestServices services)
{
    private const string Provider = "aws-s3";
    private const int Part = AppendCalls.Part;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_killed_instance_left_of_a_one_call_upload_is_dropped_after_a_day()
    {
        var backends = await TestBackends.StartAsync(services, Provider);
        using var secrets = new TemporaryFolder();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = secrets.FullPath };
        await using var killed = await CasProcess.StartAsync(services, settings, ports: backends.Ports);
        var tenant = await killed.NewTenantAsync();
        await backends.AddAsync(tenant, Provider);
        var content = RandomNumberGenerator.GetBytes(4 * Part);
        await using (var request = await OpenAsync(tenant, content))
        {
            await request.SendAsync(content.AsMemory(0, 3 * Part), Cancellation);
            await Eventually.TrueAsync(async _ => (await backends.OpenUploadsAsync()).Count == 1, Deadline, Cancellation);
            await killed.KillAsync();
        }

        var time = new ShiftedTime();
        await using var service = await StartAsync(backends.Ports, time, settings, killed.TablePrefix);
        tenant = tenant.At(service.Address);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);

        // It might be alive for as long as a session.
        time.Advance(TimeSpan.FromHours(24));
        await SweepAsync(service);
        Assert.Single(await backends.OpenUploadsAsync());

        time.Advance(TimeSpan.FromHours(2));
        await SweepAsync(service);
        Assert.Empty(await backends.OpenUploadsAsync());
        Assert.Empty(await RowsAsync(service));
        await tenant.AssertStoredAsync(content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parts_that_the_store_did_not_drop_when_the_upload_failed_are_dropped_later(bool bySession)
    {
        await using var store = await FaultyStore.StartAsync(services);
        var (backends, proxy, time, service, tenant) = store;
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var digest = Sha256Digest.Of(content);

        // The store's clock is the real one: the session is half a day old when its upload begins.
        time.Advance(TimeSpan.FromHours(-12));
        var address = bySession ? await tenant.NewUploadAsync(digest, content.Length) : $"/v1/artifacts/{digest}";
        time.Advance(TimeSpan.FromHours(12));
        content[^1] ^= 1;
        proxy.Break(request => request.Method == "DELETE", Fault.Answer(403));
        using (var body = new ByteArrayContent(content))
        {
            var reply = await tenant.SendAsync(HttpMethod.Put, address, bySession ? null : tenant.OwnerToken, body);
            reply.ExpectProblem(HttpStatusCode.BadRequest, "digest-mismatch");
        }

        proxy.Heal();
        time.Advance(TimeSpan.FromHours(13));
        await SweepAsync(service);
        Assert.Single(await backends.OpenUploadsAsync());

        time.Advance(TimeSpan.FromHours(13));
        await SweepAsync(service);
        Assert.Empty(await backends.OpenUploadsAsync());
        Assert.Empty(await RowsAsync(service));
    }

    [Fact]
    public async Task Uploads_that_a_backend_opened_without_an_answer_are_dropped_though_the_fallback_took_the_content()
    {
        var backends = await TestBackends.StartAsync(services, Provider);
        await using var proxy = await FaultProxy.StartAsync((await services.CephS3Async()).Address);
        var time = new ShiftedTime();
        await using var service = await StartAsync([.. backends.Ports, proxy.Address.Port], time);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        (await tenant.PatchAsync("/v1/backends/azure", new { fallback = true, @default = false })).Expect(HttpStatusCode.OK);
        await backends.AddAsync(tenant, Provider, proxy);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = await tenant.NewIetfAsync(content);
        proxy.Break(request => request.Method == "POST" && request.Query == "?uploads", Fault.LoseReply);

        (await tenant.AppendIetfAsync(upload, 0, content, true)).Expect(HttpStatusCode.Created);

        proxy.Heal();
        Assert.NotEmpty(await backends.OpenUploadsAsync());
        time.Advance(TimeSpan.FromHours(26));
        await SweepAsync(service);
        Assert.Empty(await backends.OpenUploadsAsync());
        Assert.Empty(await RowsAsync(service));
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task Parts_at_a_backend_that_was_down_when_their_session_expired_are_dropped_when_it_is_back()
    {
        await using var store = await FaultyStore.StartAsync(services);
        var (backends, proxy, time, service, tenant) = store;
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = await tenant.NewIetfAsync(content);
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, Part + 1000), false)).Expect(HttpStatusCode.NoContent);
        proxy.Break(_ => true, Fault.Cut);

        time.Advance(TimeSpan.FromHours(26));
        await SweepAsync(service);
        (await tenant.HeadIetfAsync(upload)).Expect(HttpStatusCode.Gone);
        proxy.Heal();
        Assert.Single(await backends.OpenUploadsAsync());

        time.Advance(TimeSpan.FromHours(7));
        await SweepAsync(service);
        Assert.Empty(await backends.OpenUploadsAsync());
        Assert.Empty(await RowsAsync(service));
    }

    [Fact]
    public async Task A_backend_that_stays_down_is_asked_for_few_of_its_sessions_and_given_up_after_a_week()
    {
        const int sessions = 40;
        await using var store = await FaultyStore.StartAsync(services);
        var (backends, proxy, time, service, tenant) = store;
        for (var i = 0; i < sessions; i++)
        {
            await tenant.NewIetfAsync(RandomNumberGenerator.GetBytes(1000));
        }

        var before = proxy.Requests.Count;
        proxy.Break(_ => true, Fault.Cut);
        time.Advance(TimeSpan.FromHours(26));
        await SweepAsync(service);
        Assert.InRange(proxy.Requests.Skip(before).Select(request => request.Query).Distinct().Count(), 1, sessions / 2);
        Assert.Equal(2 * sessions, (await RowsAsync(service)).Count);

        time.Advance(TimeSpan.FromDays(7));
        await SweepAsync(service);
        Assert.Empty(await RowsAsync(service));
    }

    [Fact]
    public async Task A_commit_that_nobody_saw_end_is_found_though_its_backend_was_down_when_the_session_expired()
    {
        var backends = await TestBackends.StartAsync(services, Provider);
        await using var proxy = await FaultProxy.StartAsync((await services.CephS3Async()).Address);
        using var secrets = new TemporaryFolder();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = secrets.FullPath };
        await using var killed = await CasProcess.StartAsync(services, settings, ports: [.. backends.Ports, proxy.Address.Port]);
        var tenant = await killed.NewTenantAsync();
        await backends.AddAsync(tenant, Provider, proxy);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = await tenant.NewUploadAsync(Sha256Digest.Of(content), content.Length);
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Break(request => request.Method == "POST" && request.Query.Contains("uploadId", StringComparison.Ordinal), Fault.WithholdReply(committed));
        var lost = tenant.PutAsync(upload, content);
        await committed.Task.WaitAsync(Deadline, Cancellation);
        await killed.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => lost);

        var time = new ShiftedTime();
        await using var service = await StartAsync([.. backends.Ports, proxy.Address.Port], time, settings, killed.TablePrefix);
        tenant = tenant.At(service.Address);
        proxy.Heal();
        proxy.Break(_ => true, Fault.Cut);
        time.Advance(TimeSpan.FromHours(26));
        await SweepAsync(service);
        proxy.Heal();
        time.Advance(TimeSpan.FromHours(7));
        await SweepAsync(service);

        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task Of_an_upload_that_is_refused_or_cut_no_row_is_left()
    {
        var backends = await TestBackends.StartAsync(services, Provider);
        await using var service = await StartAsync(backends.Ports, new ShiftedTime());
        var tenant = await service.NewTenantAsync();
        await backends.AddAsync(tenant, Provider);
        var content = RandomNumberGenerator.GetBytes(3 * Part);
        await using (var cut = await OpenAsync(tenant, content))
        {
            await cut.SendAsync(content.AsMemory(0, 2 * Part), Cancellation);
            await Eventually.TrueAsync(async _ => (await backends.OpenUploadsAsync()).Count == 1, Deadline, Cancellation);
            Assert.Equal(2, (await RowsAsync(service)).Count);
        }

        await Eventually.TrueAsync(
            async _ => (await RowsAsync(service)).Count + (await backends.OpenUploadsAsync()).Count == 0, Deadline, Cancellation);

        var digest = Sha256Digest.Of(content);
        content[^1] ^= 1;
        using var body = new ByteArrayContent(content);
        (await tenant.SendAsync(HttpMethod.Put, $"/v1/artifacts/{digest}", tenant.OwnerToken, body))
            .ExpectProblem(HttpStatusCode.BadRequest, "digest-mismatch");
        Assert.Empty(await RowsAsync(service));
        Assert.Empty(await backends.OpenUploadsAsync());
    }

    [Fact]
    public async Task A_row_that_could_not_be_removed_harms_neither_the_upload_nor_its_content()
    {
        var backends = await TestBackends.StartAsync(services, Provider);
        var azurite = await services.AzuriteAsync();
        await using var tables = await FaultProxy.StartAsync(azurite.TableEndpoint);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:Storage:ConnectionString"] = tables.Through(azurite.ConnectionString),
        };
        var time = new ShiftedTime();
        await using var service = await StartAsync(backends.Ports, time, settings);
        var tenant = await service.NewTenantAsync();
        await backends.AddAsync(tenant, Provider);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        tables.Break(IsRemoval, Fault.Answer(400));

        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);

        tables.Heal();
        Assert.Equal(2, (await RowsAsync(service)).Count);
        time.Advance(TimeSpan.FromHours(26));
        await SweepAsync(service);
        Assert.Empty(await RowsAsync(service));
        await tenant.AssertStoredAsync(content);
    }

    private static Task<RawRequest> OpenAsync(Tenant tenant, byte[] content) => RawRequest.OpenAsync(
        tenant.Address,
        "PUT",
        $"/v1/artifacts/{Sha256Digest.Of(content)}",
        content.Length,
        Cancellation,
        $"Authorization: Bearer {tenant.OwnerToken}");

    private static bool IsRemoval(ProxiedRequest request) =>
        request.Method == "DELETE" && request.Path.Contains("Sessions(", StringComparison.Ordinal);

    private static Task SweepAsync(CasService service) => service.Services.GetRequiredService<SessionSweeper>().RunAsync(Cancellation);

    /// <summary>The rows of sessions, and those by which the sweeper finds them.</summary>
    private static async Task<IReadOnlyList<string>> RowsAsync(CasService service)
    {
        var rows = new List<string>();
        foreach (var table in (string[])["Sessions", "SessionExpiry"])
        {
            var client = new TableClient(service.Azurite.ConnectionString, service.TablePrefix + table);
            await foreach (var row in client.QueryAsync<TableEntity>(cancellationToken: Cancellation))
            {
                rows.Add($"{table} {row.RowKey}");
            }
        }

        return rows;
    }

    private Task<CasService> StartAsync(
        IEnumerable<int> ports, ShiftedTime time, IReadOnlyDictionary<string, string>? settings = null, string? tablePrefix = null) =>
        CasService.StartAsync(services, ports, settings, builder => builder.Services.AddSingleton<TimeProvider>(time), tablePrefix);

    /// <summary>A service whose clock can be moved, and an organization whose default is the S3 service behind a proxy.</summary>
    private sealed record FaultyStore(TestBackends Backends, FaultProxy Proxy, ShiftedTime Time, CasService Service, Tenant Tenant) : IAsyncDisposable
    {
        public static async Task<FaultyStore> StartAsync(TestServices services)
        {
            var backends = await TestBackends.StartAsync(services, Provider);
            var proxy = await FaultProxy.StartAsync((await services.CephS3Async()).Address);
            var time = new ShiftedTime();
            var service = await CasService.StartAsync(
                services, [.. backends.Ports, proxy.Address.Port], configure: builder => builder.Services.AddSingleton<TimeProvider>(time));
            var tenant = await service.NewTenantAsync();
            await backends.AddAsync(tenant, Provider, proxy);
            return new FaultyStore(backends, proxy, time, service, tenant);
        }

        public async ValueTask DisposeAsync()
        {
            await Service.DisposeAsync();
            await Proxy.DisposeAsync();
        }
    }
}
