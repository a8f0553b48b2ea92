using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Storage.Blobs.Specialized;
using CasFunctions.Digests;
using CasFunctions.Providers;
using CasFunctions.Secrets;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Http;

public sealed class BackendTests(TestServices services, RunningService running)
{
    private const int InlineLimit = 500 * 1024;

    public enum Failure
    {
        WrongKey,
        NoListener,
        UnknownHost,
        AddressNotPublic,
        PortNotOpen,
    }

    [Fact]
    public async Task The_inline_backend_is_the_default_from_the_start_and_takes_500_KiB()
    {
        var tenant = await running.NewTenantAsync(services);

        var inline = (await tenant.GetAsync("/v1/backends")).Expect(HttpStatusCode.OK).Json.GetProperty("backends").EnumerateArray().Single();
        Assert.Equal("inline", inline.GetProperty("name").GetString());
        Assert.True(inline.GetProperty("default").GetBoolean());
        Assert.Equal(InlineLimit, inline.GetProperty("maxBytes").GetInt64());

        var content = RandomNumberGenerator.GetBytes(InlineLimit);
        var stored = (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        Assert.Equal("true", stored.Json.GetProperty("annotations").GetProperty("casfunctions.inline").GetString());
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}")).Expect(HttpStatusCode.OK).Body);
        Assert.Equal(
            content[100_000..200_000],
            (await tenant.SendAsync(HttpMethod.Get, $"/v1/artifacts/{Sha256Digest.Of(content)}", tenant.OwnerToken, null, ("Range", "bytes=100000-199999"))).Body);
        foreach (var chunked in new[] { true, false })
        {
            (await tenant.PutArtifactAsync(RandomNumberGenerator.GetBytes(InlineLimit + 1), chunked: chunked))
                .ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        }
    }

    [Theory]
    [InlineData(Failure.WrongKey)]
    [InlineData(Failure.NoListener)]
    [InlineData(Failure.UnknownHost)]
    [InlineData(Failure.AddressNotPublic)]
    [InlineData(Failure.PortNotOpen)]
    public async Task A_backend_that_does_not_work_is_refused_and_stores_nothing(Failure failure)
    {
        var closed = ServiceProcess.FreePort();
        await using var service = await CasService.StartAsync(services, ports: [closed]);
        var tenant = await service.NewTenantAsync();
        var azurite = service.Azurite;
        var endpoint = failure switch
        {
            Failure.NoListener => $"http://127.0.0.1:{closed}/{Azurite.AccountName}",
            Failure.UnknownHost => "https://no-such-account.invalid",
            Failure.AddressNotPublic => "https://10.1.2.3",
            Failure.PortNotOpen => "https://127.0.0.1:8443",
            _ => azurite.BlobEndpoint.ToString(),
        };
        var key = failure == Failure.WrongKey ? Convert.ToBase64String(new byte[64]) : Azurite.AccountKey;

        var refusal = (await AddAsync(tenant, "broken", tenant.Container.Name, $"AccountName={Azurite.AccountName};AccountKey={key};BlobEndpoint={endpoint};"))
            .ExpectProblem(HttpStatusCode.UnprocessableEntity, "backend-check-failed");

        Assert.False(string.IsNullOrEmpty(refusal["hint"]));
        Assert.DoesNotContain(key, System.Text.Encoding.UTF8.GetString(refusal.Body), StringComparison.Ordinal);
        (await tenant.GetAsync("/v1/backends/broken")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await AddAsync(tenant, "broken", tenant.Container.Name, azurite.ConnectionString)).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_name_can_be_used_once_whichever_backend_is_second()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var connection = tenant.Storage;

        (await AddAsync(tenant, "azure", "other", connection)).ExpectProblem(HttpStatusCode.Conflict, "name-taken");
        (await AddAsync(tenant, "inline", "other", connection)).ExpectProblem(HttpStatusCode.Conflict, "name-taken");

        var both = await Task.WhenAll(AddAsync(tenant, "twin", tenant.Container.Name, connection), AddAsync(tenant, "twin", tenant.Container.Name, connection));
        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], both.Select(reply => reply.Status).Order());
        var upload = await tenant.CreateUploadAsync(Sha256Digest.Of([1]), 1, backend: "twin");
        (await tenant.PutAsync(upload.Expect(HttpStatusCode.Created)["uploadUrl"]!, [1])).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task The_default_moves_and_the_backend_that_the_caller_names_is_taken()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        Assert.True((await tenant.GetAsync("/v1/backends/azure")).Json.GetProperty("default").GetBoolean());

        (await tenant.PatchAsync("/v1/backends/inline", new { @default = true })).Expect(HttpStatusCode.OK);

        Assert.False((await tenant.GetAsync("/v1/backends/azure")).Json.GetProperty("default").GetBoolean());
        Assert.Equal("inline", (await tenant.CreateUploadAsync(Sha256Digest.Of([1]), 1)).Expect(HttpStatusCode.Created)["backend"]);
        var named = (await tenant.CreateUploadAsync(Sha256Digest.Of([1]), 1, backend: "azure")).Expect(HttpStatusCode.Created);
        Assert.Equal("azure", named["backend"]);
        Assert.Equal("requested", named["backendReason"]);
        Assert.Equal("backend", (await tenant.CreateUploadAsync(Sha256Digest.Of([1]), 1, backend: "absent")).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request")["field"]);
        (await tenant.PatchAsync("/v1/backends/absent", new { @default = true })).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Wrong_requests_are_refused_with_the_field_and_a_hint()
    {
        var tenant = await running.NewTenantAsync(services);
        var principal = new { tenant = "00000000-0000-0000-0000-000000000001", clientId = "00000000-0000-0000-0000-000000000002", clientSecret = "s" };
        var place = new { storageAccount = "account1", container = "cas" };
        (object Request, string Field)[] wrong =
        [
            (new { name = "Not-Valid", provider = "azure-blob", settings = place, credentials = principal }, "name"),
            (new { name = "x", provider = "ftp", settings = place, credentials = principal }, "provider"),
            (new { name = "x", provider = "inline", settings = new { } }, "provider"),
            (new { name = "x", provider = "azure-blob", maxBytes = 0, settings = place, credentials = principal }, "maxBytes"),
            (new { name = "x", provider = "azure-blob", maxBytes = long.MaxValue, settings = place, credentials = principal }, "maxBytes"),
            (new { name = "x", provider = "azure-blob", description = new string('x', 1001), settings = place, credentials = principal }, "description"),
            (new { name = "x", provider = "azure-blob", settings = place }, "credentials"),
            (new { name = "x", provider = "azure-blob", settings = "cas", credentials = principal }, "settings"),
            (new { name = "x", provider = "azure-blob", settings = new { container = "UPPER" }, credentials = principal }, "settings.container"),
            (new { name = "x", provider = "azure-blob", settings = new { container = "cas" }, credentials = principal }, "settings.storageAccount"),
            (new { name = "x", provider = "azure-blob", settings = new { storageAccount = "a.b/c", container = "cas" }, credentials = principal }, "settings.storageAccount"),
            (new { name = "x", provider = "azure-blob", settings = new { place.storageAccount, endpoint = "evil.example.com" }, credentials = principal }, "settings.endpoint"),
            (new { name = "x", provider = "azure-blob", settings = new { place.storageAccount, bucket = "b" }, credentials = principal }, "settings.bucket"),
            (new { name = "x", provider = "azure-blob", settings = place, credentials = new { principal.tenant, principal.clientId } }, "credentials.clientSecret"),
            (new { name = "x", provider = "azure-blob", settings = place, credentials = new { principal.tenant, clientId = "x", clientSecret = "s" } }, "credentials.clientId"),
            (new { name = "x", provider = "azure-blob", settings = place, credentials = new { tenant = "../common", principal.clientId, clientSecret = "s" } }, "credentials.tenant"),
            (new { name = "x", provider = "azure-blob", settings = place, credentials = new { principal.tenant, managedIdentity = true } }, "credentials"),
            (new { name = "x", provider = "azure-blob", settings = place, credentials = new { connectionString = "AccountName=x" } }, "credentials.connectionString"),
            (new { name = "x", provider = "azure-blob", settings = place, credentials = new { managedIdentity = true } }, "credentials.managedIdentity"),
        ];
        foreach (var (request, field) in wrong)
        {
            var refusal = (await tenant.PostAsync("/v1/backends", request)).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");
            Assert.Equal(field, refusal["field"]);
            Assert.False(string.IsNullOrEmpty(refusal["hint"]));
        }

        Assert.Single((await tenant.GetAsync("/v1/backends")).Json.GetProperty("backends").EnumerateArray());
    }

    [Fact]
    public async Task The_services_identity_reaches_only_what_the_operator_lists_for_the_organization()
    {
        const string Setting = "Cas:Backends:ManagedIdentityContainers:";
        await using var first = await CasService.StartAsync(services);
        var tenant = await first.NewTenantAsync();
        await using var service = await CasService.StartAsync(
            services,
            settings: new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [Setting + "0"] = $"{tenant.Name}/account1/evidence",
                [Setting + "1"] = $"{tenant.Name}/ownaccount/evidence",
                ["Cas:Storage:BlobServiceUri"] = "https://ownaccount.blob.core.windows.net/",
            },
            tablePrefix: first.TablePrefix);
        tenant = tenant.At(service.Address);
        var other = await service.NewTenantAsync();

        Assert.Equal("credentials.managedIdentity", (await AddAsync(tenant, "account1", "other"))["field"]);
        Assert.Equal("credentials.managedIdentity", (await AddAsync(tenant, "account2", "evidence"))["field"]);
        Assert.Equal("credentials.managedIdentity", (await AddAsync(other, "account1", "evidence"))["field"]);
        Assert.Equal("credentials.managedIdentity", (await AddAsync(tenant, "ownaccount", "evidence"))["field"]);

        // Nothing here is an Azure identity, so the request that is allowed is followed no further than its check.
        using var request = JsonDocument.Parse("""{"settings":{"storageAccount":"account1","container":"evidence"},"credentials":{"managedIdentity":true}}""");
        var provider = service.Services.GetServices<IBlobProvider>().Single(provider => provider.Kind == "azure-blob");
        var configuration = provider.Configure(tenant.Name, request.RootElement.GetProperty("settings"), request.RootElement.GetProperty("credentials"));
        Assert.Equal("https://account1.blob.core.windows.net/evidence", configuration.Location);

        static Task<ApiReply> AddAsync(Tenant tenant, string storageAccount, string container) => tenant.PostAsync("/v1/backends", new
        {
            name = "managed",
            provider = "azure-blob",
            settings = new { storageAccount, container },
            credentials = new { managedIdentity = true },
        });
    }

    [Fact]
    public async Task Connection_strings_are_taken_only_where_the_operator_allows_them()
    {
        await using var service = await CasService.StartAsync(
            services, settings: new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Backends:AllowConnectionStrings"] = "false" });
        var tenant = await service.NewTenantAsync();

        var refusal = (await AddAsync(tenant, "azure", "cas", service.Azurite.ConnectionString)).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");

        Assert.Equal("credentials.connectionString", refusal["field"]);
    }

    [Fact]
    public async Task What_the_operator_allows_no_more_opens_no_backend_that_was_made_before()
    {
        using var secrets = new TemporaryFolder();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = secrets.FullPath };
        string prefix;
        Tenant tenant;
        await using (var before = await CasService.StartAsync(services, settings: settings))
        {
            prefix = before.TablePrefix;
            tenant = await (await before.NewTenantAsync()).AddAzureAsync();
            (await tenant.PutArtifactAsync([1])).Expect(HttpStatusCode.Created);
        }

        settings["Cas:Backends:AllowConnectionStrings"] = "false";
        await using var after = await CasService.StartAsync(services, settings: settings, tablePrefix: prefix);
        var again = tenant.At(after.Address);

        Assert.Contains("Connection strings are not allowed here", (await again.PutArtifactAsync([2])).ExpectProblem(HttpStatusCode.BadGateway, "backend-failed")["detail"], StringComparison.Ordinal);
        Assert.InRange((int)(await again.GetAsync($"/v1/artifacts/{Sha256Digest.Of([1])}")).Status, 500, 599);
        Assert.Single(await tenant.BlobsAsync());
    }

    [Fact]
    public async Task Credentials_that_can_not_be_read_are_a_problem_of_the_backend()
    {
        await using var service = await CasService.StartAsync(services);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        Directory.Delete(Path.Combine(service.Services.GetRequiredService<IOptions<SecretsOptions>>().Value.LocalPath!, "secrets"), recursive: true);

        (await tenant.PutArtifactAsync([1, 2, 3])).ExpectProblem(HttpStatusCode.BadGateway, "credentials-unreadable");
    }

    [Fact]
    public async Task A_shared_access_signature_is_not_shown_as_part_of_the_location()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var account = tenant.Container.GetParentBlobServiceClient();
        var signed = tenant.Container.GenerateSasUri(
            Azure.Storage.Sas.BlobContainerSasPermissions.All, TimeProvider.System.GetUtcNow().AddHours(1));
        var connection = $"AccountName={account.AccountName};BlobEndpoint={account.Uri};SharedAccessSignature={signed.Query.TrimStart('?')}";

        (await AddAsync(tenant, "signed", tenant.Container.Name, connection)).Expect(HttpStatusCode.Created);

        Assert.Equal(tenant.Container.Uri.ToString(), (await tenant.GetAsync("/v1/backends/signed"))["location"]);
    }

    private static Task<ApiReply> AddAsync(Tenant tenant, string name, string container, string connectionString) => tenant.PostAsync("/v1/backends", new
    {
        name,
        provider = "azure-blob",
        settings = new { container },
        credentials = new { connectionString },
    });
}
