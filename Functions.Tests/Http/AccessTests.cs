using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Security;
using CasFunctions.Tests.Services;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Tests.Http;

public sealed class AccessTests(TestServices services, RunningService running)
{
    private const string AnyDigest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string AnySession = "/v1/uploads/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    /// <summary>A call of each function that changes nothing, whoever makes it: what it names is not there, or its body is empty.</summary>
    private static readonly Dictionary<string, (string Method, string Path)> Calls = new(StringComparer.Ordinal)
    {
        ["GetHealth"] = ("GET", "/v1/health"),
        ["GetApiDescription"] = ("GET", "/v1/openapi.json"),
        ["CreateOrganization"] = ("POST", "/v1/organizations"),
        ["CreateOrganizationToken"] = ("POST", "/v1/organizations/absent/tokens"),
        ["GetCaller"] = ("GET", "/v1/me"),
        ["GetOrganization"] = ("GET", "/v1/organization"),
        ["ChangeOrganization"] = ("PATCH", "/v1/organization"),
        ["ListTokens"] = ("GET", "/v1/tokens"),
        ["CreateToken"] = ("POST", "/v1/tokens"),
        ["RevokeToken"] = ("DELETE", "/v1/tokens/absent"),
        ["ListTrusts"] = ("GET", "/v1/trusts"),
        ["CreateTrust"] = ("POST", "/v1/trusts"),
        ["RemoveTrust"] = ("DELETE", "/v1/trusts/absent"),
        ["ExchangeToken"] = ("POST", "/v1/organizations/absent/token-exchange"),
        ["ListBackends"] = ("GET", "/v1/backends"),
        ["GetBackend"] = ("GET", "/v1/backends/inline"),
        ["CreateBackend"] = ("POST", "/v1/backends"),
        ["ChangeBackend"] = ("PATCH", "/v1/backends/absent"),
        ["DeleteBackend"] = ("DELETE", "/v1/backends/absent"),
        ["ValidateBackend"] = ("POST", "/v1/backends/absent/validation"),
        ["CreateUpload"] = ("POST", "/v1/uploads"),
        ["PutUpload"] = ("PUT", AnySession),
        ["AppendUpload"] = ("PATCH", AnySession),
        ["OverrideUpload"] = ("POST", AnySession),
        ["HeadUpload"] = ("HEAD", AnySession),
        ["GetUpload"] = ("GET", AnySession),
        ["GetUploadOptions"] = ("OPTIONS", "/v1/uploads"),
        ["CancelUpload"] = ("DELETE", AnySession),
        ["PutArtifact"] = ("PUT", $"/v1/artifacts/{AnyDigest}"),
        ["GetArtifact"] = ("GET", $"/v1/artifacts/{AnyDigest}"),
        ["GetDescriptor"] = ("GET", $"/v1/artifacts/{AnyDigest}/descriptor"),
        ["ListArtifacts"] = ("GET", "/v1/artifacts"),
        ["ListCopies"] = ("GET", $"/v1/artifacts/{AnyDigest}/copies"),
        ["VerifyArtifact"] = ("POST", $"/v1/artifacts/{AnyDigest}/verification"),
        ["CreateLink"] = ("POST", $"/v1/artifacts/{AnyDigest}/links"),
        ["GetLink"] = ("GET", "/v1/links/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ["GetConsole"] = ("GET", "/ui/absent"),
        ["ListAudit"] = ("GET", "/v1/audit"),
        ["GetUsage"] = ("GET", "/v1/usage"),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_function_over_HTTP_has_a_rule_and_every_rule_a_function()
    {
        var functions = typeof(CasApplication).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>() is not null))
            .Select(method => method.GetCustomAttribute<FunctionAttribute>()!.Name);

        Assert.Equal(AccessRules.Functions.Order(StringComparer.Ordinal), functions.Order(StringComparer.Ordinal));
        Assert.Equal(Access.Nobody, AccessRules.For("NoSuchFunction"));
    }

    [Fact]
    public async Task Each_role_gets_into_the_calls_of_its_rule_and_no_others()
    {
        var tenant = await running.NewTenantAsync(services);
        var callers = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["nobody"] = null,
            ["viewer"] = await tenant.NewTokenAsync("viewer"),
            ["downloader"] = await tenant.NewTokenAsync("downloader"),
            ["uploader"] = await tenant.NewTokenAsync("uploader"),
            ["owner"] = tenant.OwnerToken,
            ["operator"] = RemoteService.RootKey,
        };

        foreach (var function in AccessRules.Functions)
        {
            Assert.True(Calls.TryGetValue(function, out var call), $"Add a call of {function} to {nameof(Calls)}.");
            foreach (var (caller, token) in callers)
            {
                // No body means an invalid request, so that whoever gets in changes nothing.
                var reply = await tenant.SendAsync(new HttpMethod(call.Method), call.Path, token, null);

                var expected = Refusal(AccessRules.For(function), caller);
                Assert.True(
                    expected is null ? reply.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) : reply.Status == expected,
                    $"{function} as {caller}: {reply.Status}");
                Assert.NotEqual(HttpStatusCode.InternalServerError, reply.Status);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer")]
    [InlineData("Bearer cas_0")]
    [InlineData("Bearer cas_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer ghp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Credentials_that_are_none_are_refused(string authorization)
    {
        var tenant = await running.NewTenantAsync(services);

        var refusal = (await tenant.SendAsync(HttpMethod.Get, "/v1/artifacts", null, null, ("Authorization", authorization)))
            .ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");

        Assert.Equal("Bearer", refusal.Message.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Theory]
    [InlineData("viewer")]
    [InlineData("downloader")]
    [InlineData("uploader")]
    [InlineData("owner")]
    public async Task A_caller_is_told_who_it_is_taken_for(string role)
    {
        var tenant = await running.NewTenantAsync(services);
        var created = (await tenant.PostAsync("/v1/tokens", new { name = "mine", role })).Expect(HttpStatusCode.Created);

        var caller = (await tenant.GetAsync("/v1/me", created["token"])).Expect(HttpStatusCode.OK);

        Assert.Equal((tenant.Name, role, "token:" + created["id"]), (caller["organization"], caller["role"], caller["identity"]));
        Assert.True(caller.Message.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Unknown_revoked_and_expired_tokens_are_refused()
    {
        var tenant = await running.NewTenantAsync(services);
        (await tenant.GetAsync("/v1/artifacts", ApiToken.Create())).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");

        var created = (await tenant.PostAsync("/v1/tokens", new { name = "short", role = "viewer", expiresInSeconds = 1 })).Expect(HttpStatusCode.Created);
        await Eventually.TrueAsync(
            async _ => (await tenant.GetAsync("/v1/artifacts", created["token"])).Status == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(10), Cancellation);

        created = (await tenant.PostAsync("/v1/tokens", new { name = "revoked", role = "viewer" })).Expect(HttpStatusCode.Created);
        (await tenant.GetAsync("/v1/artifacts", created["token"])).Expect(HttpStatusCode.OK);
        (await tenant.DeleteAsync("/v1/tokens/" + created["id"])).Expect(HttpStatusCode.NoContent);
        (await tenant.GetAsync("/v1/artifacts", created["token"])).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        (await tenant.DeleteAsync("/v1/tokens/" + created["id"])).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Another_organizations_things_are_not_there()
    {
        var owner = await running.NewAzureTenantAsync(services);
        var other = await running.NewTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(100);
        var path = $"/v1/artifacts/{Sha256Digest.Of(content)}";
        (await owner.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        var token = (await owner.PostAsync("/v1/tokens", new { name = "mine", role = "viewer" })).Expect(HttpStatusCode.Created);

        (await other.GetAsync(path)).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await other.GetAsync(path + "/descriptor")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await other.GetAsync("/v1/backends/azure")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await other.PatchAsync("/v1/backends/azure", new { @default = true })).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await other.DeleteAsync("/v1/tokens/" + token["id"])).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await owner.GetAsync("/v1/artifacts", token["token"])).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Inline_content_is_shown_to_those_who_may_download_and_to_the_request_that_carried_it()
    {
        var tenant = await running.NewTenantAsync(services);
        var uploader = await tenant.NewTokenAsync("uploader");
        var downloader = await tenant.NewTokenAsync("downloader");
        var viewer = await tenant.NewTokenAsync("viewer");
        var content = RandomNumberGenerator.GetBytes(70_000);
        var path = $"/v1/artifacts/{Sha256Digest.Of(content)}";
        var upload = (await tenant.CreateUploadAsync(Sha256Digest.Of(content), content.Length, token: uploader)).Expect(HttpStatusCode.Created)["uploadUrl"]!;

        Assert.Equal(content, Content((await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created)));

        Assert.Null(Content((await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created)));
        Assert.Null(Content((await tenant.SendAsync(HttpMethod.Get, upload, null, null)).Expect(HttpStatusCode.OK)));
        Assert.Null(Content((await tenant.PutArtifactAsync(content, token: uploader)).Expect(HttpStatusCode.OK)));
        Assert.Null(Content((await tenant.CreateUploadAsync(Sha256Digest.Of(content), content.Length, token: uploader)).Expect(HttpStatusCode.OK)));
        Assert.Null(Content((await tenant.GetAsync(path + "/descriptor", uploader)).Expect(HttpStatusCode.OK)));
        Assert.Null(Content((await tenant.GetAsync(path + "/descriptor", viewer)).Expect(HttpStatusCode.OK)));
        (await tenant.GetAsync(path, uploader)).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.GetAsync(path, viewer)).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");

        Assert.Equal(content, Content((await tenant.GetAsync(path + "/descriptor", downloader)).Expect(HttpStatusCode.OK)));
        Assert.Equal(content, Content((await tenant.GetAsync(path + "/descriptor")).Expect(HttpStatusCode.OK)));
        Assert.Equal(content, (await tenant.GetAsync(path, downloader)).Expect(HttpStatusCode.OK).Body);

        static byte[]? Content(ApiReply reply) => reply.Json.TryGetProperty("content", out var content) ? content.GetBytesFromBase64() : null;
    }

    /// <summary>What Azure can't read from the vault it hands to the app as it stands in the settings.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/operator-root-key)")]
    public async Task Without_a_root_key_in_the_settings_nobody_is_the_operator(string setting)
    {
        await using var service = await CasService.StartAsync(services, settings: new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:RootKey"] = setting });
        using var client = new HttpClient { BaseAddress = service.Address };
        foreach (var key in new[] { "", CasSettings.RootKey, "null", setting })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/organizations") { Content = JsonContent.Create(new { name = "x", owners = new[] { "a@example.com" } }) };
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
            using var reply = await client.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
        }
    }

    /// <summary>The status of a caller who does not get in; null for one who does.</summary>
    private static HttpStatusCode? Refusal(Access access, string caller) => (access, caller) switch
    {
        (Access.Anonymous or Access.Session, _) => null,
        (Access.RootKey, "operator") => null,
        (Access.RootKey, _) or (_, "nobody" or "operator") => HttpStatusCode.Unauthorized,
        (Access.Viewer, _) or (_, "owner") => null,
        (Access.Downloader, "downloader") or (Access.Uploader, "uploader") => null,
        _ => HttpStatusCode.Forbidden,
    };
}
