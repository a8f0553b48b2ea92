using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>Requests that come at once, too late, or after the store has refused.</summary>
public sealed class AppendRaceTests(TestServices services, RunningService running)
{
    private const int Part = AppendCalls.Part;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_append_ends_the_first_and_the_content_is_right()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(Part + 1000);
        var upload = await tenant.NewIetfAsync(content);
        await using var first = await OpenAppendAsync(tenant, upload, 0, content.Length);
        await first.SendAsync(content.AsMemory(0, 5000), Cancellation);

        var second = await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, 10), false);

        Assert.Contains(second.Status, (HttpStatusCode[])[HttpStatusCode.NoContent, HttpStatusCode.Conflict]);
        var offset = await tenant.OffsetAsync(upload);
        Assert.Equal(second.Field("Upload-Offset"), $"{offset}");

        // A first append that was slow to arrive may end the last one, once.
        await Eventually.TrueAsync(
            async _ =>
            {
                var from = (int)await tenant.OffsetAsync(upload);
                return await TryAppendAsync(tenant, upload, from, content.AsMemory(from)) is { Status: HttpStatusCode.Created };
            },
            TimeSpan.FromSeconds(60),
            Cancellation);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task Many_appends_of_the_same_bytes_at_once_store_them_once()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(3 * Part);
        var upload = await tenant.NewIetfAsync(content);
        for (var tries = 0; tries < 50 && (await tenant.HeadIetfAsync(upload)).Field("Upload-Complete") == "?0"; tries++)
        {
            var offset = (int)await tenant.OffsetAsync(upload);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TryAppendAsync(tenant, upload, offset, content.AsMemory(offset))));
        }

        await tenant.AssertStoredAsync(content);
        Assert.Single(await tenant.BlobsAsync());
    }

    [Fact]
    public async Task After_a_HEAD_on_another_instance_the_open_append_can_change_nothing()
    {
        using var secrets = new TemporaryFolder();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = secrets.FullPath };
        await using var one = await CasService.StartAsync(services, settings: settings);
        await using var two = await CasService.StartAsync(services, settings: settings, tablePrefix: one.TablePrefix);
        var tenant = await (await one.NewTenantAsync()).AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes((3 * Part) + 1000);
        var upload = await tenant.NewIetfAsync(content);
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, 700), false)).Expect(HttpStatusCode.NoContent);
        await using var zombie = await OpenAppendAsync(tenant, upload, 700, content.Length - 700);
        await zombie.SendAsync(content.AsMemory(700, Part), Cancellation);
        await Eventually.TrueAsync(async _ => (await UncommittedAsync(tenant)).Count > 0, TimeSpan.FromSeconds(60), Cancellation);

        Assert.Equal(700, await tenant.At(two.Address).OffsetAsync(upload));

        var rest = content.ToArray();
        rest[^1] ^= 1;
        await zombie.SendAsync(rest.AsMemory(700 + Part), Cancellation);
        Assert.StartsWith("HTTP/1.1 409", await zombie.ReadHeadAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(700, await tenant.OffsetAsync(upload));
        (await tenant.At(two.Address).AppendIetfAsync(upload, 700, content.AsMemory(700), true)).Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task A_cancelled_session_takes_nothing_more_not_even_from_an_append_that_is_open()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(1000);
        var upload = await tenant.NewIetfAsync(content);
        await using var open = await OpenAppendAsync(tenant, upload, 0, content.Length);
        await open.SendAsync(content.AsMemory(0, 500), Cancellation);

        (await tenant.DeleteAsync(upload)).Expect(HttpStatusCode.NoContent);

        await open.SendAsync(content.AsMemory(500), Cancellation);
        Assert.StartsWith("HTTP/1.1 4", await open.ReadHeadAsync(Cancellation), StringComparison.Ordinal);
        (await tenant.AppendIetfAsync(upload, 0, content, true)).ExpectProblem(HttpStatusCode.Gone, "upload-ended");
        await tenant.AssertNotStoredAsync(Sha256Digest.Of(content));
    }

    [Fact]
    public async Task An_expired_session_takes_nothing_more()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Uploads:SessionLifetime"] = "00:00:01" };
        await using var service = await CasService.StartAsync(services, settings: settings);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var upload = await tenant.NewIetfAsync([1, 2]);

        await Eventually.TrueAsync(async _ => (await tenant.HeadIetfAsync(upload)).Status == HttpStatusCode.Gone, TimeSpan.FromSeconds(30), Cancellation);

        (await tenant.AppendIetfAsync(upload, 0, new byte[] { 1, 2 }, true)).ExpectProblem(HttpStatusCode.Gone, "upload-ended");
    }

    [Fact]
    public async Task Two_sessions_for_one_digest_both_succeed()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes((2 * Part) + 1000);
        var first = await tenant.NewIetfAsync(content);
        var second = await tenant.NewIetfAsync(content);
        foreach (var upload in new[] { first, second })
        {
            (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, Part + 500), false)).Expect(HttpStatusCode.NoContent);
        }

        // The first commit drops the second's blocks; its own copy is then taken for the second's too.
        foreach (var upload in new[] { first, second })
        {
            (await tenant.AppendIetfAsync(upload, Part + 500, content.AsMemory(Part + 500), true)).Expect(HttpStatusCode.Created);
        }

        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task A_commit_that_the_store_refuses_ends_the_session_and_says_so()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        await AddThroughAsync(tenant, service.Azurite, proxy);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = await tenant.NewIetfAsync(content);
        proxy.Break(IsCommit, Fault.Answer(400));

        var refusal = (await tenant.AppendIetfAsync(upload, 0, content, true)).ExpectProblem(HttpStatusCode.BadGateway, "backend-rejected");

        Assert.Contains("ended", refusal["hint"], StringComparison.Ordinal);
        (await tenant.AppendIetfAsync(upload, 0, content, true)).ExpectProblem(HttpStatusCode.Gone, "upload-ended");
        (await tenant.HeadTusAsync(upload)).Expect(HttpStatusCode.Gone);
    }

    [Fact]
    public async Task A_commit_that_failed_for_now_is_repeated_by_asking_for_the_offset()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        await AddThroughAsync(tenant, service.Azurite, proxy);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = await tenant.NewTusAsync(content);
        proxy.Break(IsCommit, Fault.Answer(503));
        (await tenant.AppendTusAsync(upload, 0, content)).ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");
        (await tenant.HeadTusAsync(upload)).Expect(HttpStatusCode.ServiceUnavailable);

        proxy.Heal();

        // A client of tus takes an offset at the end for success: so it must be one.
        Assert.Equal($"{content.Length}", (await tenant.HeadTusAsync(upload)).Expect(HttpStatusCode.OK).Field("Upload-Offset"));
        await tenant.AssertStoredAsync(content);
    }

    /// <summary>Sends the rest; when another request takes the session over, the service closes the connection in the middle of the body.</summary>
    private static async Task<ApiReply?> TryAppendAsync(Tenant tenant, string upload, int offset, ReadOnlyMemory<byte> rest)
    {
        try
        {
            return await tenant.AppendIetfAsync(upload, offset, rest, true);
        }
        catch (HttpRequestException closed) when (closed.InnerException is IOException)
        {
            return null;
        }
    }

    private static bool IsCommit(ProxiedRequest request) => request.Method == "PUT" && request.Query.Contains("comp=blocklist", StringComparison.Ordinal);

    private static async Task<IReadOnlyList<string>> UncommittedAsync(Tenant tenant) => await tenant.Container
        .GetBlobsAsync(Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.Uncommitted, "sha256:", Cancellation)
        .Select(blob => blob.Name)
        .ToListAsync(Cancellation);

    private static Task<RawRequest> OpenAppendAsync(Tenant tenant, string upload, long offset, long length) => RawRequest.OpenAsync(
        tenant.Address, "PATCH", upload, length, Cancellation, "Content-Type: application/partial-upload", $"Upload-Offset: {offset}", "Upload-Complete: ?1");

    private static async Task AddThroughAsync(Tenant tenant, Azurite azurite, FaultProxy proxy) => (await tenant.PostAsync("/v1/backends", new
    {
        name = "azure",
        provider = "azure-blob",
        @default = true,
        settings = new { container = tenant.Container.Name },
        credentials = new { connectionString = proxy.Through(azurite.ConnectionString) },
    })).Expect(HttpStatusCode.Created);
}
