using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CasFunctions.Audit;
using CasFunctions.Digests;
using CasFunctions.Tests.Audit;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Trusts;

/// <summary>Pipelines that call with their issuer's token instead of a secret.</summary>
public sealed class PipelineTests(TestServices services) : IAsyncLifetime
{
    private TrustingService _trusting = null!;
    private Tenant _tenant = null!;

    public async ValueTask InitializeAsync()
    {
        _trusting = await TrustingService.StartAsync(services);
        _tenant = await _trusting.Service.NewTenantAsync();
    }

    public ValueTask DisposeAsync() => _trusting.DisposeAsync();

    [Fact]
    public async Task A_pipeline_with_the_right_claims_uploads_and_the_records_name_it()
    {
        await _trusting.TrustAsync(_tenant);
        var content = RandomNumberGenerator.GetBytes(1000);
        var digest = Sha256Digest.Of(content);
        var token = _trusting.Token(_tenant);

        (await _tenant.PutArtifactAsync(content, "sbom.json", token)).Expect(HttpStatusCode.Created);
        (await _tenant.GetAsync($"/v1/artifacts/{digest}", token)).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");
        (await _tenant.GetAsync("/v1/trusts", token)).ExpectProblem(HttpStatusCode.Forbidden, "forbidden");

        Assert.Equal(content, (await _tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
        var events = await _tenant.ReadAuditWithAsync(AuditActions.ArtifactUploaded, digest.ToString());
        Assert.Equal("127.0.0.1:repository_id=123", events.Single(line => line.Action == AuditActions.ArtifactUploaded).Actor);
    }

    [Fact]
    public async Task A_role_that_one_of_several_matching_trusts_gives_is_enough()
    {
        await _trusting.TrustAsync(_tenant);
        await _trusting.TrustAsync(_tenant, role: "downloader");
        var content = RandomNumberGenerator.GetBytes(1000);
        var token = _trusting.Token(_tenant);

        (await _tenant.PutArtifactAsync(content, token: token)).Expect(HttpStatusCode.Created);
        (await _tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}", token)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_rollover_of_keys_in_the_middle_goes_unnoticed_and_the_old_key_ends()
    {
        await _trusting.TrustAsync(_tenant);
        var before = _trusting.Token(_tenant, "exp", _trusting.Clock.GetUtcNow().AddDays(1).ToUnixTimeSeconds());
        (await _tenant.GetAsync("/v1/artifacts", before)).Expect(HttpStatusCode.OK);

        _trusting.Issuer.RollOver();
        _trusting.Clock.Ahead = TimeSpan.FromMinutes(2);

        (await _tenant.GetAsync("/v1/artifacts", before)).Expect(HttpStatusCode.OK);
        (await _tenant.GetAsync("/v1/artifacts", _trusting.Token(_tenant))).Expect(HttpStatusCode.OK);
        (await _tenant.GetAsync("/v1/artifacts", before)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task Keys_are_fetched_once_and_made_up_key_ids_fetch_them_once_a_minute_at_most()
    {
        await _trusting.TrustAsync(_tenant);
        for (var i = 0; i < 5; i++)
        {
            (await _tenant.GetAsync("/v1/artifacts", _trusting.Token(_tenant))).Expect(HttpStatusCode.OK);
            await ExpectRefusalAsync(_trusting.Issuer.Sign(_trusting.Claims(_tenant.Name), "made-up-" + i));
        }

        Assert.Equal(2, _trusting.Issuer.Requests);
    }

    [Fact]
    public async Task A_token_that_fits_no_trust_is_refused_without_a_call_to_its_issuer()
    {
        await _trusting.TrustAsync(_tenant);
        var other = await _trusting.Service.NewTenantAsync();

        await ExpectRefusalAsync(_trusting.Token(other));
        await ExpectRefusalAsync(_trusting.Token(_tenant, "iss", _trusting.Issuer.Name + "/"));
        await ExpectRefusalAsync(_trusting.Token(_tenant, "repository_id", 124));

        Assert.Equal(0, _trusting.Issuer.Requests);
        (await _tenant.GetAsync("/v1/artifacts", _trusting.Token(_tenant))).Expect(HttpStatusCode.OK);
        Assert.Equal(2, _trusting.Issuer.Requests);
    }

    [Fact]
    public async Task Whatever_is_wrong_with_a_token_the_refusal_is_the_same()
    {
        await _trusting.TrustAsync(_tenant);
        var other = await _trusting.Service.NewTenantAsync();
        var issuer = _trusting.Issuer;
        var now = _trusting.Clock.GetUtcNow().ToUnixTimeSeconds();
        var right = _trusting.Claims(_tenant.Name);
        (await _tenant.GetAsync("/v1/artifacts", issuer.Sign(right))).Expect(HttpStatusCode.OK);
        (await _tenant.GetAsync("/v1/artifacts", With("exp", now - 20))).Expect(HttpStatusCode.OK);
        (await _tenant.GetAsync("/v1/artifacts", With("nbf", now + 40))).Expect(HttpStatusCode.OK);
        (await _tenant.GetAsync("/v1/artifacts", With("aud", new[] { right["aud"] }))).Expect(HttpStatusCode.OK);
        await using var impostor = await TestIssuer.StartAsync();
        var text = JsonSerializer.Serialize(right);
        var parts = issuer.Sign(right).Split('.');

        var wrong = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["wrong audience"] = With("aud", "https://other.example/orgs/" + _tenant.Name),
            ["audience without organization"] = With("aud", TrustingService.PublicAddress),
            ["audience with more"] = With("aud", right["aud"] + "/x"),
            ["two audiences"] = With("aud", new[] { right["aud"], "https://other.example" }),
            ["no audience"] = With("aud", null),
            ["another organization's audience"] = _trusting.Token(other),
            ["audience of an organization that is none"] = With("aud", TrustingService.PublicAddress + "/orgs/absent"),
            ["wrong issuer"] = With("iss", "https://issuer.example"),
            ["no issuer"] = With("iss", null),
            ["expired"] = With("exp", now - 120),
            ["never expiring"] = With("exp", null),
            ["not yet valid"] = With("nbf", now + 120),
            ["alg none"] = issuer.WithoutSignature(right, ""),
            ["alg none with a signature"] = issuer.WithoutSignature(right, parts[2]),
            ["HS256 with the public key as text"] = issuer.SignWithPublicKey(right, Encoding.ASCII.GetBytes(issuer.PublicKeyPem)),
            ["HS256 with the public key"] = issuer.SignWithPublicKey(right, issuer.PublicKey),
            ["wrong repository id"] = With("repository_id", 124),
            ["repository id as a list"] = With("repository_id", new[] { 123 }),
            ["no repository id"] = With("repository_id", null),
            ["unprotected branch"] = With("ref_protected", false),
            ["tag instead of branch"] = With("ref", "refs/tags/v1"),
            ["unknown key"] = issuer.Sign(right, "other"),
            ["no key"] = issuer.Sign(text, new Dictionary<string, object?>(StringComparer.Ordinal) { ["alg"] = "RS256" }),
            ["another's key under the right id"] = impostor.Sign(right),
            ["altered claims"] = $"{parts[0]}.{issuer.Sign(Changed("sub", "other")).Split('.')[1]}.{parts[2]}",
            ["a claim twice"] = issuer.Sign(text.Insert(1, "\"repository_id\":124,"), issuer.Header()),
            ["no object"] = issuer.Sign("[]", issuer.Header()),
            ["no JSON"] = issuer.Sign("{", issuer.Header()),
            ["deep JSON"] = issuer.Sign(new string('[', 5000), issuer.Header()),
            ["half of a pair"] = issuer.Sign("""{"iss":"\ud800","aud":"\ud800"}""", issuer.Header()),
            ["three words"] = "a.b.c",
            ["dots"] = "..",
            ["encrypted"] = "a.b.c.d.e",
        };
        var expected = await ExpectRefusalAsync("x");
        foreach (var (what, token) in wrong)
        {
            Assert.True(expected == await ExpectRefusalAsync(token), what);
            var exchange = await _tenant.PostAsync($"/v1/organizations/{_tenant.Name}/token-exchange", new { token });
            Assert.True(expected == Comparable(exchange.ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized")), what);
        }

        var absent = await _tenant.PostAsync("/v1/organizations/absent/token-exchange", new { token = issuer.Sign(right) });
        Assert.Equal(expected, Comparable(absent.ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized")));

        Dictionary<string, object?> Changed(string claim, object? value) => new(right, StringComparer.Ordinal) { [claim] = value };

        string With(string claim, object? value) => issuer.Sign(Changed(claim, value));
    }

    [Fact]
    public async Task A_trust_ends_with_its_time_or_its_removal()
    {
        var id = await _trusting.TrustAsync(_tenant);
        (await _tenant.GetAsync("/v1/artifacts", _trusting.Token(_tenant))).Expect(HttpStatusCode.OK);

        (await _tenant.DeleteAsync("/v1/trusts/" + id)).Expect(HttpStatusCode.NoContent);
        await ExpectRefusalAsync(_trusting.Token(_tenant));

        await _trusting.TrustAsync(_tenant, expiresInSeconds: 600);
        (await _tenant.GetAsync("/v1/artifacts", _trusting.Token(_tenant))).Expect(HttpStatusCode.OK);
        _trusting.Clock.Ahead = TimeSpan.FromSeconds(601);
        await ExpectRefusalAsync(_trusting.Token(_tenant));
    }

    [Fact]
    public async Task An_issuer_that_publishes_the_configuration_of_another_is_not_believed()
    {
        await _trusting.TrustAsync(_tenant);
        _trusting.Issuer.PublishedName = "https://token.actions.githubusercontent.com";

        await ExpectRefusalAsync(_trusting.Token(_tenant));

        Assert.Equal(2, _trusting.Issuer.Requests);
    }

    private async Task<string> ExpectRefusalAsync(string token)
    {
        var refusal = (await _tenant.GetAsync("/v1/artifacts", token)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        return Comparable(refusal);
    }

    /// <summary>An answer without the one member that differs by request.</summary>
    private static string Comparable(ApiReply reply)
    {
        var body = JsonNode.Parse(reply.Body)!.AsObject();
        Assert.True(body.Remove("traceId"));
        return $"{reply.Message.Headers.WwwAuthenticate} {reply.Message.Content.Headers.ContentType} {body.ToJsonString()}";
    }
}
