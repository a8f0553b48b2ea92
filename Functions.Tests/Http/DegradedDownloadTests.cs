using System.Net;
using System.Security.Cryptography;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using CasFunctions.Digests;
using CasFunctions.Tests.Backends;
using CasFunctions.Tests.Services;
using CasFunctions.Uploads;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Http;

/// <summary>Downloads when memory is short, or when a wrong content came from several copies.</summary>
public sealed class DegradedDownloadTests(TestServices services, RunningService running)
{
    private const int Mega = 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Small_content_is_delivered_without_buffer_memory_and_never_whole_when_it_is_altered()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Uploads:MemoryBudget"] = $"{16 * Mega}" };
        await using var service = await CasService.StartAsync(services, settings: settings);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes(5 * Mega);
        var digest = Sha256Digest.Of(content);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        var memory = service.Services.GetRequiredService<UploadMemory>();
        while (memory.TryRent(out _))
        {
        }

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);

        await AlterAsync(tenant.Container, content, ^1);
        Assert.True(await ReceiveAsync(tenant, digest) < content.Length);
        await Eventually.TrueAsync(async _ => await StatusAsync(tenant, digest) == "corrupt", Deadline, Cancellation);
    }

    [Theory]
    [InlineData("main")]
    [InlineData("spare")]
    public async Task Of_the_copies_that_a_wrong_content_came_from_the_altered_one_is_marked(string altered)
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        var content = RandomNumberGenerator.GetBytes(20 * Mega);
        var digest = Sha256Digest.Of(content);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        var second = (await tenant.CreateUploadAsync(digest, content.Length, backend: "spare")).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        (await tenant.PutAsync(second, content)).Expect(HttpStatusCode.Created);
        await AlterAsync(altered == "main" ? tenant.Container : backends.Spare, content, altered == "main" ? 0 : ^1);

        // The first copy breaks off for good, and can be read again when it is looked at afterwards.
        var looked = false;
        backends.Proxy.Break(request => request.Method == "GET", Fault.CutResponseAfter(5 * Mega), times: 1);
        backends.Proxy.Break(
            request =>
            {
                looked |= request.Method == "HEAD";
                return !looked;
            },
            Fault.Cut);

        Assert.True(await ReceiveAsync(tenant, digest) < content.Length);

        await Eventually.TrueAsync(async _ => !await IsStoredAsync(altered), Deadline, Cancellation);
        Assert.True(await IsStoredAsync(altered == "main" ? "spare" : "main"));
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);

        // Only an altered copy may be uploaded again.
        async Task<bool> IsStoredAsync(string backend) =>
            (await tenant.CreateUploadAsync(digest, content.Length, backend: backend)).Status == HttpStatusCode.OK;
    }

    [Fact]
    public async Task The_descriptor_that_finds_its_inline_content_altered_says_so()
    {
        var service = await running.GetAsync(services);
        var tenant = await service.NewTenantAsync();
        var content = RandomNumberGenerator.GetBytes(1000);
        var digest = Sha256Digest.Of(content);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        var table = new TableClient(service.Azurite.ConnectionString, service.TablePrefix + "Inline");
        TableEntity row = await table.GetEntityAsync<TableEntity>($"{tenant.Name}|{digest.Hex[..2]}", digest.Hex, cancellationToken: Cancellation);
        row["Content00"] = RandomNumberGenerator.GetBytes(1000);
        await table.UpdateEntityAsync(row, row.ETag, cancellationToken: Cancellation);

        Assert.Equal("corrupt", await StatusAsync(tenant, digest));
    }

    private static async Task<string?> StatusAsync(Tenant tenant, Sha256Digest digest)
    {
        var descriptor = (await tenant.GetAsync($"/v1/artifacts/{digest}/descriptor")).Expect(HttpStatusCode.OK);
        Assert.Null(descriptor["content"]);
        return descriptor.Json.GetProperty("annotations").GetProperty("casfunctions.status").GetString();
    }

    private static async Task AlterAsync(BlobContainerClient container, byte[] content, Index at)
    {
        var altered = content.ToArray();
        altered[at] ^= 1;
        await container.GetBlobClient(Sha256Digest.Of(content).ToString()).UploadAsync(new BinaryData(altered), overwrite: true, Cancellation);
    }

    /// <summary>Downloads as far as it comes.</summary>
    private static async Task<long> ReceiveAsync(Tenant tenant, Sha256Digest digest)
    {
        using var reply = await tenant.OpenAsync(digest);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
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

        return received;
    }
}
