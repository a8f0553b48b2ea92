using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads;

/// <summary>A service that is killed, and replies that get lost, at the moments that matter.</summary>
public sealed class CrashTests(TestServices services)
{
    private const int Part = 8 * 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(300_000, 200_000)]
    [InlineData(4 * Part, (3 * Part) + 1000)]
    public async Task A_service_killed_during_an_upload_leaves_nothing_readable_and_the_session_goes_on(int size, int sent)
    {
        await using var service = await CasProcess.StartAsync(services);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, size);
        await using (var request = await RawRequest.OpenAsync(tenant.Address, "PUT", upload, size, Cancellation))
        {
            await request.SendAsync(content.AsMemory(0, sent), Cancellation);
            if (sent > Part)
            {
                await Eventually.TrueAsync(async _ => await HasUncommittedAsync(tenant), Deadline, Cancellation);
            }

            await service.KillAsync();
        }

        await service.StartAsync();

        Assert.Empty(await tenant.BlobsAsync());
        (await tenant.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Equal("open", (await tenant.GetAsync(upload))["status"]);
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData((2 * Part) + 1000)]
    public async Task A_service_killed_between_the_commit_and_the_index_is_completed_by_repeating_the_request(int size)
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await CasProcess.StartAsync(services, settings: await TablesThroughAsync(proxy));
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, size, "report.json");
        proxy.Break(IsIndexInsert, Fault.Stall);
        var lost = tenant.PutAsync(upload, content);
        await Eventually.TrueAsync(_ => Task.FromResult(proxy.Requests.Any(IsIndexInsert)), Deadline, Cancellation);
        Assert.Equal([digest.ToString()], await tenant.BlobsAsync());

        await service.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => lost);
        proxy.Heal();
        await service.StartAsync();

        (await tenant.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        if (size > Part)
        {
            // The row says that the content was proven and the store has our mark: not a byte has to be sent again.
            var length = "Content-Length: " + size.ToString(CultureInfo.InvariantCulture);
            Assert.StartsWith("HTTP/1.1 201", await RawRequest.SendHeadAsync(tenant.Address, "PUT", upload, [length], Cancellation), StringComparison.Ordinal);
        }
        else
        {
            (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        }

        Assert.Equal("committed", (await tenant.GetAsync(upload))["status"]);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
        var listed = (await tenant.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray().Single();
        Assert.Equal("report.json", listed.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_commit_that_was_begun_and_never_came_to_the_store_is_not_taken_for_done()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasProcess.StartAsync(services, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        (await tenant.PostAsync("/v1/backends", new
        {
            name = "azure",
            provider = "azure-blob",
            @default = true,
            settings = new { container = tenant.Container.Name },
            credentials = new { connectionString = proxy.Through(service.Azurite.ConnectionString) },
        })).Expect(HttpStatusCode.Created);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, content.Length);
        proxy.Break(IsCommit, Fault.Stall);
        var lost = tenant.PutAsync(upload, content);
        await Eventually.TrueAsync(_ => Task.FromResult(proxy.Requests.Any(IsCommit)), Deadline, Cancellation);

        await service.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => lost);
        proxy.Heal();
        await service.StartAsync();

        // What is at the key meanwhile is somebody else's, of the right size and without our mark.
        await tenant.Container.GetBlobClient(digest.ToString()).UploadAsync(new BinaryData(new byte[content.Length]), overwrite: true, Cancellation);
        var wrong = content.ToArray();
        wrong[0] ^= 1;
        (await tenant.PutAsync(upload, wrong)).ExpectProblem(HttpStatusCode.BadRequest, "digest-mismatch");
        (await tenant.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData((2 * Part) + 1000)]
    public async Task Replies_that_get_lost_on_the_way_from_the_stores_change_nothing(int size)
    {
        var azurite = await services.AzuriteAsync();
        await using var tables = await FaultProxy.StartAsync(azurite.TableEndpoint);
        await using var blobs = await FaultProxy.StartAsync(azurite.BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [blobs.Address.Port], settings: await TablesThroughAsync(tables));
        var tenant = await service.NewTenantAsync();
        (await tenant.PostAsync("/v1/backends", new
        {
            name = "azure",
            provider = "azure-blob",
            @default = true,
            settings = new { container = tenant.Container.Name },
            credentials = new { connectionString = blobs.Through(azurite.ConnectionString) },
        })).Expect(HttpStatusCode.Created);
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, size);
        blobs.Break(request => request.Method == "PUT", Fault.LoseReply, times: 1);
        blobs.Break(IsCommit, Fault.LoseReply, times: 1);
        tables.Break(IsIndexInsert, Fault.LoseReply, times: 1);

        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
        Assert.Single((await tenant.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray());
    }

    [Fact]
    public async Task Replies_that_get_lost_while_a_backend_is_made_or_gets_new_credentials_change_nothing()
    {
        var azurite = await services.AzuriteAsync();
        await using var tables = await FaultProxy.StartAsync(azurite.TableEndpoint);
        using var secrets = new TemporaryFolder();
        var settings = await TablesThroughAsync(tables);
        settings["Cas:Secrets:LocalPath"] = secrets.FullPath;
        await using var service = await CasService.StartAsync(services, settings: settings);
        var tenant = await service.NewTenantAsync();
        var credentials = new { connectionString = azurite.ConnectionString };
        tables.Break(request => IsInsert(request, "Backends"), Fault.LoseReply, times: 1);

        (await tenant.PostAsync("/v1/backends", new
        {
            name = "azure",
            provider = "azure-blob",
            @default = true,
            settings = new { container = tenant.Container.Name },
            credentials,
        })).Expect(HttpStatusCode.Created);
        var changes = 0;
        tables.Break(request => request.Method == "PUT" && request.Path.Contains("Backends(", StringComparison.Ordinal) && changes++ == 0, Fault.LoseReply);
        (await tenant.PatchAsync("/v1/backends/azure", new { credentials })).Expect(HttpStatusCode.OK);
        Assert.True(changes > 1);

        // An instance that has not read the credentials before.
        await using var other = await CasService.StartAsync(services, settings: settings, tablePrefix: service.TablePrefix);
        (await tenant.At(other.Address).PutArtifactAsync([1, 2, 3])).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Replies_that_get_lost_while_a_session_or_a_token_is_made_change_nothing()
    {
        await using var tables = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await CasService.StartAsync(services, settings: await TablesThroughAsync(tables));
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes(1000);
        var inserts = 0;

        // Each insert is done, and learns so when it is repeated only.
        tables.Break(request => (IsInsert(request, "Sessions") || IsInsert(request, "Tokens")) && inserts++ % 2 == 0, Fault.LoseReply);

        var upload = await tenant.NewUploadAsync(Sha256Digest.Of(content), content.Length);
        var token = await tenant.NewTokenAsync("downloader");

        Assert.Equal(6, inserts);
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}", token)).Expect(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task A_service_whose_storage_was_away_at_the_start_recovers_with_it()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await CasService.StartAsync(services, settings: await TablesThroughAsync(proxy));
        using var client = new HttpClient { BaseAddress = service.Address };
        proxy.Break(_ => true, Fault.Cut);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/v1/health", Cancellation)).StatusCode);

        proxy.Heal();

        await Eventually.TrueAsync(
            async token => (await client.GetAsync("/v1/health", token)).StatusCode == HttpStatusCode.OK, TimeSpan.FromSeconds(60), Cancellation);
        await service.NewTenantAsync();
    }

    [Fact]
    public async Task A_call_that_needs_storage_that_is_away_is_told_to_come_back()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        await using var service = await CasService.StartAsync(services, settings: await TablesThroughAsync(proxy));
        var tenant = await service.NewTenantAsync();
        proxy.Break(_ => true, Fault.Cut);

        var refusal = (await tenant.GetAsync("/v1/artifacts")).ExpectProblem(HttpStatusCode.ServiceUnavailable, "storage-unavailable");

        Assert.NotNull(refusal.Message.Headers.RetryAfter);
    }

    private static bool IsInsert(ProxiedRequest request, string table) =>
        request.Method == "POST" && request.Path.EndsWith(table, StringComparison.Ordinal);

    private static bool IsIndexInsert(ProxiedRequest request) => IsInsert(request, "Artifacts");

    private static bool IsCommit(ProxiedRequest request) => request.Method == "PUT" && request.Query.Contains("comp=blocklist", StringComparison.Ordinal);

    private static async Task<bool> HasUncommittedAsync(Tenant tenant) =>
        await tenant.Container.GetBlobsAsync(BlobTraits.None, BlobStates.Uncommitted, "sha256:", Cancellation).AnyAsync(Cancellation);

    private async Task<Dictionary<string, string>> TablesThroughAsync(FaultProxy proxy) => new(StringComparer.Ordinal)
    {
        ["Cas:Storage:ConnectionString"] = proxy.Through((await services.AzuriteAsync()).ConnectionString),
    };
}
