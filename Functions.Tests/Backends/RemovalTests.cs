using System.Net;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Secrets;
using CasFunctions.Tests.Fakes;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Backends;

public sealed class RemovalTests(TestServices services, RunningService running)
{
    private static readonly byte[] Content = [1, 2, 3];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backend_that_holds_artifacts_is_archived_and_stays_readable_until_it_is_purged()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        (await tenant.PutArtifactAsync(Content, "sbom.json")).Expect(HttpStatusCode.Created);

        var removal = (await tenant.DeleteAsync("/v1/backends/azure")).Expect(HttpStatusCode.OK).Json;

        Assert.True(removal.GetProperty("archived").GetBoolean());
        Assert.Equal(1, removal.GetProperty("artifacts").GetInt32());
        var shown = (await tenant.GetAsync("/v1/backends/azure")).Expect(HttpStatusCode.OK).Json;
        Assert.False(shown.GetProperty("default").GetBoolean());
        Assert.Equal(Content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(Content)}")).Expect(HttpStatusCode.OK).Body);
        (await tenant.CreateUploadAsync(Sha256Digest.Of([9]), 1, backend: "azure")).ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");
        (await tenant.PatchAsync("/v1/backends/azure", new { @default = true, force = true })).ExpectProblem(HttpStatusCode.Conflict, "backend-archived");
        (await tenant.PostAsync("/v1/backends", Backend(tenant, (await services.AzuriteAsync()).ConnectionString))).ExpectProblem(HttpStatusCode.Conflict, "name-taken");

        var purge = (await tenant.DeleteAsync("/v1/backends/azure?purge=true")).Expect(HttpStatusCode.OK).Json;

        Assert.True(purge.GetProperty("deleted").GetBoolean());
        Assert.Equal(1, purge.GetProperty("purged").GetInt32());
        (await tenant.GetAsync("/v1/backends/azure")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(Content)}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Empty((await tenant.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray());
        Assert.Single(await tenant.BlobsAsync());
    }

    [Fact]
    public async Task A_name_that_is_given_again_means_the_new_place_though_neither_has_credentials()
    {
        var registry = (await services.OciRegistryAsync()).Address.Authority;
        await using var service = await CasService.StartAsync(services, [(await services.OciRegistryAsync()).Address.Port]);
        var tenant = await service.NewTenantAsync();
        var (former, latter) = ($"tests/{Guid.NewGuid():n}", $"tests/{Guid.NewGuid():n}");
        await AddAsync(former);
        (await tenant.PutArtifactAsync([1])).Expect(HttpStatusCode.Created);
        (await tenant.DeleteAsync("/v1/backends/registry?purge=true")).Expect(HttpStatusCode.OK);
        await AddAsync(latter);

        (await tenant.PutArtifactAsync([2])).Expect(HttpStatusCode.Created);

        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, await HeadAsync(latter, [2]));
        Assert.Equal(HttpStatusCode.NotFound, await HeadAsync(former, [2]));

        async Task AddAsync(string repository) => (await tenant.PostAsync("/v1/backends", new
        {
            name = "registry",
            provider = "oci",
            @default = true,
            settings = new { repository = $"{registry}/{repository}" },
        })).Expect(HttpStatusCode.Created);

        async Task<HttpStatusCode> HeadAsync(string repository, byte[] content)
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, new Uri($"http://{registry}/v2/{repository}/blobs/{Sha256Digest.Of(content)}"));
            using var response = await client.SendAsync(request, Cancellation);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Of_an_artifact_on_two_backends_each_name_is_listed_until_both_are_purged()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        (await tenant.PutArtifactAsync(Content, "same")).Expect(HttpStatusCode.Created);
        (await tenant.PutArtifactAsync(Content, "first")).Expect(HttpStatusCode.OK);
        await tenant.AddAzureAsync("second");
        var upload = await tenant.CreateUploadAsync(Sha256Digest.Of(Content), Content.Length, "same", backend: "second");
        (await tenant.PutAsync(upload.Expect(HttpStatusCode.Created)["uploadUrl"]!, Content)).Expect(HttpStatusCode.Created);

        (await tenant.DeleteAsync("/v1/backends/azure?purge=true")).Expect(HttpStatusCode.OK);

        Assert.Equal(["first", "same"], (await NamesAsync(tenant)).Order(StringComparer.Ordinal));

        (await tenant.DeleteAsync("/v1/backends/second?purge=true")).Expect(HttpStatusCode.OK);

        Assert.Empty(await NamesAsync(tenant));
        (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(Content)}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task An_empty_backend_is_gone_at_once_and_its_name_is_free()
    {
        var tenant = await running.NewAzureTenantAsync(services);

        Assert.True((await tenant.DeleteAsync("/v1/backends/azure")).Expect(HttpStatusCode.OK).Json.GetProperty("deleted").GetBoolean());

        (await tenant.GetAsync("/v1/backends/azure")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await tenant.DeleteAsync("/v1/backends/azure")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Single((await tenant.GetAsync("/v1/backends")).Json.GetProperty("backends").EnumerateArray());
        (await tenant.PostAsync("/v1/backends", Backend(tenant, (await services.AzuriteAsync()).ConnectionString))).Expect(HttpStatusCode.Created);
        (await tenant.DeleteAsync("/v1/backends/inline")).ExpectProblem(HttpStatusCode.Conflict, "inline-backend");
        (await tenant.DeleteAsync("/v1/backends/absent")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task What_was_stored_while_its_backend_was_deleted_stays_readable()
    {
        var clock = new ShiftedClock();
        await using var vault = await FakeKeyVault.StartAsync();
        await using var service = await CasService.StartAsync(services, configure: builder => builder.Services
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton<ISecretStore>(vault.Store()));
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync("late");
        await tenant.AddAzureAsync("empty");
        var removal = service.Services.GetRequiredService<BackendRemoval>();
        var backends = service.Services.GetRequiredService<BackendStore>();

        // An instance that has not seen the deletion yet goes on with what it read a moment before.
        var before = await backends.ReadAsync(tenant.Name, Cancellation);
        (await tenant.DeleteAsync("/v1/backends/late")).Expect(HttpStatusCode.OK);
        (await tenant.DeleteAsync("/v1/backends/empty")).Expect(HttpStatusCode.OK);
        await StoreLateAsync(service, tenant, before);
        clock.Ahead = TimeSpan.FromHours(27);
        await removal.ForgetDeletedAsync(Cancellation);

        Assert.Equal(Content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(Content)}")).Expect(HttpStatusCode.OK).Body);
        Assert.NotNull((await tenant.GetAsync("/v1/backends/late")).Expect(HttpStatusCode.OK)["archivedAt"]);
        Assert.Null(await backends.FindAsync(tenant.Name, "empty", Cancellation));
        Assert.Single(vault.Names);
    }

    private static async Task<IEnumerable<string?>> NamesAsync(Tenant tenant) =>
        (await tenant.GetAsync("/v1/artifacts")).Expect(HttpStatusCode.OK).Json.GetProperty("artifacts").EnumerateArray()
            .Select(line => line.GetProperty("name").GetString())
            .ToList();

    private static async Task StoreLateAsync(CasService service, Tenant tenant, BackendSet before)
    {
        var contents = service.Services.GetRequiredService<CasFunctions.Uploads.ContentStore>();
        var label = new CasFunctions.Artifacts.ArtifactLabel(null, null, TimeProvider.System.GetUtcNow(), "test");
        var target = new CasFunctions.Uploads.UploadTarget(before.Find("late")!, "default");
        await contents.StoreAsync(
            System.IO.Pipelines.PipeReader.Create(new MemoryStream(Content)),
            new(tenant.Name, Sha256Digest.Of(Content), Content.Length, label, [target], CasFunctions.Uploads.ContentStore.NewNonce(), "/"),
            (_, _) => Task.CompletedTask,
            Cancellation);
    }

    private static object Backend(Tenant tenant, string connectionString) => new
    {
        name = "azure",
        provider = "azure-blob",
        settings = new { container = tenant.Container.Name },
        credentials = new { connectionString },
    };
}
