using System.Net;
using CasFunctions.Audit;
using CasFunctions.Tests.Audit;
using CasFunctions.Tests.Cli;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Trusts;

namespace CasFunctions.Tests.Trusts;

/// <summary>Owners manage whom they trust.</summary>
public sealed class TrustTests(TestServices services, RunningService running) : IAsyncLifetime
{
    private const string GitHub = "https://token.actions.githubusercontent.com";
    private TrustingService _trusting = null!;
    private Tenant _tenant = null!;

    public async ValueTask InitializeAsync()
    {
        _trusting = await TrustingService.StartAsync(services);
        _tenant = await _trusting.Service.NewTenantAsync();
    }

    public ValueTask DisposeAsync() => _trusting.DisposeAsync();

    [Theory]
    [InlineData(GitHub, "repository_owner_id=123 repository=acme/*", true)]
    [InlineData(GitHub, "repository_id=123", true)]
    [InlineData(GitHub, "repository_id=*", false)]
    [InlineData(GitHub, "repository_id=12* repository_owner_id=*", false)]
    [InlineData(GitHub, "repository=acme/app ref=refs/heads/main", false)]
    [InlineData(GitHub, "sub=repo:acme/app:ref:refs/heads/main", false)]
    [InlineData(GitHub, "", false)]
    [InlineData("https://gitlab.com", "project_id=1 ref=*", true)]
    [InlineData("https://gitlab.com", "project_path=acme/app namespace_id=*", false)]
    [InlineData("https://login.microsoftonline.com/5d0b1f5e-0000-4000-8000-000000000000/v2.0", "oid=7c3b", true)]
    [InlineData("https://login.microsoftonline.com/5d0b1f5e-0000-4000-8000-000000000000/v2.0", "sub=7c3b azp=*", false)]
    [InlineData("https://issuer.example", "sub=someone", true)]
    [InlineData("https://issuer.example", "sub=* project=a*", false)]
    [InlineData("https://issuer.example", "ref_protected=true", false)]
    [InlineData("https://issuer.example", "iss=https://issuer.example", false)]
    [InlineData("https://issuer.example", "sub=someone aud=x", false)]
    public async Task A_trust_has_to_pin_an_id_that_never_changes(string issuer, string claims, bool accepted)
    {
        var body = new { issuer, role = "uploader", claims = Claims(claims) };

        var reply = await _tenant.PostAsync("/v1/trusts", body);

        if (accepted)
        {
            Assert.Equal($"{TrustingService.PublicAddress}/orgs/{_tenant.Name}", reply.Expect(HttpStatusCode.Created)["audience"]);
        }
        else
        {
            Assert.Equal("claims", reply.ExpectProblem(HttpStatusCode.BadRequest, "invalid-request")["field"]);
        }
    }

    [Fact]
    public async Task A_refusal_of_wildcards_says_why()
    {
        var refusal = await _tenant.PostAsync(
            "/v1/trusts", new { issuer = GitHub, role = "uploader", claims = Claims("repository_id=* ref=*") });

        var detail = refusal.ExpectProblem(HttpStatusCode.BadRequest, "invalid-request")["detail"];
        Assert.Contains("repository_id or repository_owner_id with its exact value", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://issuer.example", "viewer", null, 60, "issuer")]
    [InlineData("issuer.example", "viewer", null, 60, "issuer")]
    [InlineData("https://issuer.example/?a=b", "viewer", null, 60, "issuer")]
    [InlineData("https://user:password@issuer.example", "viewer", null, 60, "issuer")]
    [InlineData("https://169.254.169.254", "viewer", null, 60, "issuer")]
    [InlineData("https://issuer.example:8443", "viewer", null, 60, "issuer")]
    [InlineData("https://issuer.example", "owner", null, 60, "role")]
    [InlineData("https://issuer.example", "viewer", "", 60, "audience")]
    [InlineData("https://issuer.example", "viewer", "https://cas.example/orgs/other", 60, "audience")]
    [InlineData("https://issuer.example", "viewer", null, 0, "expiresInSeconds")]
    public async Task A_trust_that_would_be_wrong_or_dangerous_is_refused(
        string issuer, string role, string? audience, int expires, string field)
    {
        var body = new { issuer, role, claims = Claims("sub=x"), audience, expiresInSeconds = expires };

        var refusal = await _tenant.PostAsync("/v1/trusts", body);

        Assert.Equal(field, refusal.ExpectProblem(HttpStatusCode.BadRequest, "invalid-request")["field"]);
    }

    [Fact]
    public async Task Another_organization_neither_sees_nor_removes_a_trust()
    {
        var id = await _trusting.TrustAsync(_tenant);
        var other = await _trusting.Service.NewTenantAsync();

        Assert.Equal(0, (await other.GetAsync("/v1/trusts")).Expect(HttpStatusCode.OK).Json.GetProperty("trusts").GetArrayLength());
        (await other.DeleteAsync("/v1/trusts/" + id)).ExpectProblem(HttpStatusCode.NotFound, "not-found");

        (await _tenant.GetAsync("/v1/artifacts", _trusting.Token(_tenant))).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Trusts_are_listed_and_the_audit_log_tells_of_them()
    {
        var id = await _trusting.TrustAsync(_tenant, expiresInSeconds: 600);

        var list = (await _tenant.GetAsync("/v1/trusts")).Expect(HttpStatusCode.OK).Json;
        var listed = Assert.Single(list.GetProperty("trusts").EnumerateArray());
        Assert.Equal(id, listed.GetProperty("id").GetString());
        Assert.Equal("123", listed.GetProperty("claims").GetProperty("repository_id").GetString());
        Assert.False(listed.GetProperty("exchangeOnly").GetBoolean());
        (await _tenant.DeleteAsync("/v1/trusts/" + id)).Expect(HttpStatusCode.NoContent);
        (await _tenant.DeleteAsync("/v1/trusts/" + id)).ExpectProblem(HttpStatusCode.NotFound, "not-found");

        var told = (await _tenant.ReadAuditAsync()).Where(line => line.Subject == id).ToList();
        Assert.Equal([AuditActions.TrustRemoved, AuditActions.TrustCreated], told.Select(line => line.Action));
        Assert.All(told, line => Assert.Equal(_trusting.Issuer.Name, line.Details!["issuer"]));
    }

    [Fact]
    public async Task Without_a_public_address_no_request_can_choose_the_audience()
    {
        var tenant = await running.NewTenantAsync(services);

        (await tenant.PostAsync("/v1/trusts", new { issuer = GitHub, role = "uploader", claims = Claims("repository_id=1") }))
            .ExpectProblem(HttpStatusCode.Conflict, "no-public-address");
    }

    [Fact]
    public async Task The_command_line_adds_lists_and_removes_trusts()
    {
        using var cas = new CasProgram(_tenant);

        var id = (await cas.RunAsync(
            "trust", "add", "--issuer", GitHub, "--role", "uploader", "--claim", "repository_id=123456", "--claim", "ref=refs/heads/*",
            "--description", "releases", "--expires-in", "90d")).Expect(0).Text.Trim();
        var listed = (await cas.RunAsync("trust", "ls")).Expect(0).Text;
        Assert.Contains(id, listed, StringComparison.Ordinal);
        Assert.Contains($"{TrustingService.PublicAddress}/orgs/{_tenant.Name}", listed, StringComparison.Ordinal);
        var fixedAudience = (await cas.RunAsync(
            "trust", "add", "--issuer", "https://issuer.example", "--role", "viewer", "--claim", "sub=x", "--audience", "api://any"))
            .Expect(0).Text.Trim();
        Assert.Contains("api://any", (await cas.RunAsync("-o", "json", "trust", "ls")).Expect(0).Text, StringComparison.Ordinal);

        (await cas.RunAsync("trust", "rm", id)).Expect(0);
        (await cas.RunAsync("trust", "rm", fixedAudience)).Expect(0);

        Assert.Equal(0, (await _tenant.GetAsync("/v1/trusts")).Json.GetProperty("trusts").GetArrayLength());
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("refs/heads/*", "refs/heads/main", true)]
    [InlineData("refs/heads/*", "refs/tags/main", false)]
    [InlineData("*/main", "refs/heads/main", true)]
    [InlineData("*/main", "refs/heads/main2", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("a**c", "ac", true)]
    [InlineData("Main", "main", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("a?c", "abc", false)]
    [InlineData("main", "main2", false)]
    [InlineData("main*", "mai", false)]
    public void A_pattern_fits_the_whole_value(string pattern, string value, bool fits) =>
        Assert.Equal(fits, ClaimPattern.Matches(pattern, value));

    private static Dictionary<string, string> Claims(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(claim => claim.Split('=', 2))
            .ToDictionary(claim => claim[0], claim => claim[1], StringComparer.Ordinal);
}
