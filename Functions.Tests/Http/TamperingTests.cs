using System.Net;
using System.Security.Cryptography;
using Azure.Storage.Blobs;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Http;

/// <summary>Content that changes, shrinks or goes behind the service's back, and the copies that take its place.</summary>
public sealed class TamperingTests(TestServices services, RunningService running)
{
    private const int Large = 20 * 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public enum Alteration
    {
        FirstByte,
        LastByte,
        Truncated,
        Emptied,
        Deleted,
    }

    [Theory]
    [InlineData(1000, Alteration.FirstByte, null)]
    [InlineData(1000, Alteration.LastByte, "bytes=0-")]
    [InlineData(1000, Alteration.Truncated, null)]
    [InlineData(1000, Alteration.Emptied, "bytes=0-999")]
    [InlineData(1000, Alteration.Deleted, null)]
    [InlineData(Large, Alteration.FirstByte, null)]
    [InlineData(Large, Alteration.FirstByte, "bytes=0-")]
    [InlineData(Large, Alteration.LastByte, "bytes=-99999999999")]
    [InlineData(Large, Alteration.Truncated, null)]
    [InlineData(Large, Alteration.Emptied, "bytes=0-")]
    [InlineData(Large, Alteration.Deleted, null)]
    public async Task Altered_content_is_never_delivered_whole_and_the_next_upload_heals_it(int size, Alteration alteration, string? range)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        var path = $"/v1/artifacts/{digest}";
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        await AlterAsync(tenant.Container, digest, content, alteration);

        var (problem, received) = await TryFetchAsync(tenant, digest, range);

        if (size < Large || alteration == Alteration.Deleted)
        {
            problem!.ExpectProblem(HttpStatusCode.BadGateway, "content-corrupt");
        }
        else
        {
            Assert.True(problem is null || problem.Code == "content-corrupt");
            Assert.True(received < size);
        }

        await Eventually.TrueAsync(async _ => await StatusAsync(tenant, path) == "corrupt", Deadline, Cancellation);
        (await tenant.GetAsync(path)).ExpectProblem(HttpStatusCode.BadGateway, "content-corrupt");
        (await tenant.SendAsync(HttpMethod.Get, path, tenant.OwnerToken, null, ("Range", "bytes=5-9"))).ExpectProblem(HttpStatusCode.BadGateway, "content-corrupt");

        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        Assert.Equal("stored", await StatusAsync(tenant, path));
        Assert.Equal(content, (await tenant.GetAsync(path)).Expect(HttpStatusCode.OK).Body);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(Large)]
    public async Task A_range_that_a_truncated_blob_lacks_is_not_answered_as_if_it_were_there(int size)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        await AlterAsync(tenant.Container, digest, content, Alteration.Truncated);

        var (problem, received) = await TryFetchAsync(tenant, digest, $"bytes={size - 100}-{size - 1}");

        Assert.True(problem is not null || received < 100);
        await Eventually.TrueAsync(async _ => await StatusAsync(tenant, $"/v1/artifacts/{digest}") == "corrupt", Deadline, Cancellation);
    }

    /// <summary>
    /// What is asked of the store is exactly as many bytes as the artifact has. When these have the digest, what the client gets is
    /// the artifact; whatever somebody wrote behind it is never read.
    /// </summary>
    [Theory]
    [InlineData(1000)]
    [InlineData(Large)]
    public async Task Bytes_appended_behind_the_content_are_not_delivered(int size)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        await OverwriteAsync(tenant.Container, digest, [.. content, 1, 2, 3]);

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);

        byte[] shifted = [0, .. content];
        await OverwriteAsync(tenant.Container, digest, shifted);
        var (problem, received) = await TryFetchAsync(tenant, digest, null);
        Assert.True(problem?.Code == "content-corrupt" || (problem is null && received < size));
    }

    [Theory]
    [InlineData(1000, Alteration.FirstByte)]
    [InlineData(1000, Alteration.Deleted)]
    [InlineData(Large, Alteration.Deleted)]
    [InlineData(Large, Alteration.Truncated)]
    public async Task Another_backend_that_holds_the_digest_serves_it_in_the_same_answer(int size, Alteration alteration)
    {
        var (tenant, second, content, digest) = await StoreTwiceAsync(size);
        await AlterAsync(tenant.Container, digest, content, alteration);

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);

        // The first copy is known to be bad from then on, so that it can be uploaded again.
        await Eventually.TrueAsync(
            async _ => (await tenant.CreateUploadAsync(digest, size, backend: "azure")).Status == HttpStatusCode.Created, Deadline, Cancellation);
        await AlterAsync(second, digest, content, Alteration.Deleted);
        Assert.NotEqual(HttpStatusCode.OK, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Status);
    }

    [Fact]
    public async Task Large_content_that_is_altered_on_one_backend_comes_from_the_other_at_the_next_request()
    {
        var (tenant, _, content, digest) = await StoreTwiceAsync(Large);
        await AlterAsync(tenant.Container, digest, content, Alteration.FirstByte);

        var (problem, received) = await TryFetchAsync(tenant, digest, null);

        Assert.Null(problem);
        Assert.True(received < Large);
        await Eventually.TrueAsync(async _ => (await TryFetchAsync(tenant, digest, null)).Received == Large, Deadline, Cancellation);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(Large)]
    public async Task A_backend_that_can_not_be_reached_is_passed_over(int size)
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [proxy.Address.Port]);
        var (tenant, content, digest) = await StoreBehindAsync(proxy, service, size);
        proxy.Break(request => request.Method == "GET", Fault.Cut);

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task A_backend_that_breaks_off_midway_is_replaced_in_the_same_answer()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [proxy.Address.Port]);
        var (tenant, content, digest) = await StoreBehindAsync(proxy, service, Large);
        proxy.Break(request => request.Method == "GET", Fault.CutResponseAfter(5_000_000), times: 1);
        proxy.Break(request => request.Method == "GET", Fault.Cut);

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);

        Assert.Equal("stored", await StatusAsync(tenant, $"/v1/artifacts/{digest}"));
    }

    [Fact]
    public async Task Without_another_copy_an_unreachable_backend_is_a_problem_that_passes()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        await AddBackendAsync(tenant, "proxied", proxy.Through((await services.AzuriteAsync()).ConnectionString), tenant.Container.Name);
        var content = RandomNumberGenerator.GetBytes(1000);
        var path = $"/v1/artifacts/{Sha256Digest.Of(content)}";
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        proxy.Break(request => request.Method == "GET", Fault.Cut);

        var refusal = (await tenant.GetAsync(path)).ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");

        Assert.NotNull(refusal.Message.Headers.RetryAfter);
        proxy.Heal();
        Assert.Equal(content, (await tenant.GetAsync(path)).Expect(HttpStatusCode.OK).Body);
    }

    private static async Task<string?> StatusAsync(Tenant tenant, string path) =>
        (await tenant.GetAsync(path + "/descriptor")).Json.GetProperty("annotations").GetProperty("casfunctions.status").GetString();

    /// <summary>Reads an artifact as far as it comes. A problem document, or else how much of the content arrived.</summary>
    private static async Task<(ApiReply? Problem, long Received)> TryFetchAsync(Tenant tenant, Sha256Digest digest, string? range)
    {
        using var reply = await tenant.OpenAsync(digest, range);
        if (!reply.IsSuccessStatusCode)
        {
            return (await ApiReply.ReadAsync(reply, Cancellation), 0);
        }

        await using var body = await reply.Content.ReadAsStreamAsync(Cancellation);
        var buffer = new byte[64 * 1024];
        var received = 0L;
        try
        {
            int count;
            while ((count = await body.ReadAsync(buffer, Cancellation)) > 0)
            {
                received += count;
            }
        }
        catch (IOException)
        {
            Assert.True(received < reply.Content.Headers.ContentLength);
        }

        return (null, received);
    }

    private static Task AlterAsync(BlobContainerClient container, Sha256Digest digest, byte[] content, Alteration alteration)
    {
        var altered = content.ToArray();
        altered[alteration == Alteration.FirstByte ? 0 : ^1] ^= 1;
        return alteration switch
        {
            Alteration.Deleted => container.DeleteBlobAsync(digest.ToString(), cancellationToken: Cancellation),
            Alteration.Truncated => OverwriteAsync(container, digest, content[..^200]),
            Alteration.Emptied => OverwriteAsync(container, digest, []),
            _ => OverwriteAsync(container, digest, altered),
        };
    }

    private static Task OverwriteAsync(BlobContainerClient container, Sha256Digest digest, byte[] content) =>
        container.GetBlobClient(digest.ToString()).UploadAsync(new BinaryData(content), overwrite: true, Cancellation);

    private static async Task AddBackendAsync(Tenant tenant, string name, string connectionString, string container) =>
        (await tenant.PostAsync("/v1/backends", new
        {
            name,
            provider = "azure-blob",
            maxBytes = 64L << 30,
            @default = true,
            settings = new { container },
            credentials = new { connectionString },
        })).Expect(HttpStatusCode.Created);

    private static async Task PutAsync(Tenant tenant, byte[] content, string backend)
    {
        var upload = (await tenant.CreateUploadAsync(Sha256Digest.Of(content), content.Length, backend: backend)).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
    }

    /// <summary>Stores a content on the default backend <c>azure</c> and on <c>second</c>.</summary>
    private async Task<(Tenant Tenant, BlobContainerClient Second, byte[] Content, Sha256Digest Digest)> StoreTwiceAsync(int size)
    {
        var tenant = await running.NewTenantAsync(services);
        var second = new BlobContainerClient(tenant.Storage, tenant.Container.Name + "-2");
        await AddBackendAsync(tenant, "second", tenant.Storage, second.Name);
        await tenant.AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes(size);
        await PutAsync(tenant, content, "azure");
        await PutAsync(tenant, content, "second");
        return (tenant, second, content, Sha256Digest.Of(content));
    }

    /// <summary>Stores a content on a default backend behind the proxy and on another one past it.</summary>
    private async Task<(Tenant Tenant, byte[] Content, Sha256Digest Digest)> StoreBehindAsync(FaultProxy proxy, CasService service, int size)
    {
        var tenant = await service.NewTenantAsync();
        var azurite = await services.AzuriteAsync();
        await AddBackendAsync(tenant, "direct", azurite.ConnectionString, tenant.Container.Name + "-2");
        await AddBackendAsync(tenant, "proxied", proxy.Through(azurite.ConnectionString), tenant.Container.Name);
        var content = RandomNumberGenerator.GetBytes(size);
        await PutAsync(tenant, content, "proxied");
        await PutAsync(tenant, content, "direct");
        return (tenant, content, Sha256Digest.Of(content));
    }
}
