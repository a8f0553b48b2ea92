using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using CasFunctions.Audit;
using CasFunctions.Tests.Audit;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Trusts;

public sealed class TokenExchangeTests(TestServices services) : IAsyncLifetime
{
    private const string FixedAudience = "api://AzureADTokenExchange";
    private TrustingService _trusting = null!;
    private Tenant _tenant = null!;

    public async ValueTask InitializeAsync()
    {
        _trusting = await TrustingService.StartAsync(services);
        _tenant = await _trusting.Service.NewTenantAsync();
    }

    public ValueTask DisposeAsync() => _trusting.DisposeAsync();

    [Fact]
    public async Task A_token_of_a_fixed_audience_is_traded_for_one_that_lives_an_hour()
    {
        var trust = await _trusting.TrustAsync(_tenant, audience: FixedAudience);
        var token = _trusting.Token(_tenant, "aud", FixedAudience);
        (await _tenant.GetAsync("/v1/artifacts", token)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        (await ExchangeAsync(_trusting.Token(_tenant))).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");

        var traded = (await ExchangeAsync(token)).Expect(HttpStatusCode.Created);

        Assert.Equal("no-store", traded.Message.Headers.CacheControl?.ToString());
        Assert.Equal("uploader", traded["role"]);
        (await _tenant.PutArtifactAsync(RandomNumberGenerator.GetBytes(100), token: traded["token"])).Expect(HttpStatusCode.Created);
        var told = Assert.Single(await _tenant.ReadAuditAsync(action: AuditActions.TokenExchanged));
        Assert.Equal(("127.0.0.1:repository_id=123", traded["id"], trust), (told.Actor, told.Subject, told.Details!["trust"]));

        _trusting.Clock.Ahead = TimeSpan.FromMinutes(59);
        (await _tenant.GetAsync("/v1/artifacts", traded["token"])).Expect(HttpStatusCode.OK);
        _trusting.Clock.Ahead = TimeSpan.FromMinutes(60);
        (await _tenant.GetAsync("/v1/artifacts", traded["token"])).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_token_for_the_organization_is_traded_too_in_the_role_that_is_asked_for()
    {
        await _trusting.TrustAsync(_tenant);
        await _trusting.TrustAsync(_tenant, role: "viewer", expiresInSeconds: 120);
        var token = _trusting.Token(_tenant);

        Assert.Equal("uploader", (await ExchangeAsync(token)).Expect(HttpStatusCode.Created)["role"]);
        var viewer = (await ExchangeAsync(token, "viewer")).Expect(HttpStatusCode.Created);
        (await ExchangeAsync(token, "downloader")).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        (await ExchangeAsync(token, "owner")).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");

        Assert.True(DateTimeOffset.Parse(viewer["expiresAt"]!, null) <= _trusting.Clock.GetUtcNow().AddSeconds(120));
    }

    [Fact]
    public async Task Another_organization_does_not_trade_the_token_although_it_trusts_the_same_repository()
    {
        await _trusting.TrustAsync(_tenant);
        var other = await _trusting.Service.NewTenantAsync();
        await _trusting.TrustAsync(other);

        (await other.PostAsync($"/v1/organizations/{other.Name}/token-exchange", new { token = _trusting.Token(_tenant) }))
            .ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task Traded_tokens_that_have_expired_do_not_pile_up()
    {
        await _trusting.TrustAsync(_tenant);
        (await ExchangeAsync(_trusting.Token(_tenant))).Expect(HttpStatusCode.Created);
        (await ExchangeAsync(_trusting.Token(_tenant))).Expect(HttpStatusCode.Created);
        Assert.Equal(3, (await _tenant.GetAsync("/v1/tokens")).Json.GetProperty("tokens").GetArrayLength());

        _trusting.Clock.Ahead = TimeSpan.FromHours(2);
        (await ExchangeAsync(_trusting.Token(_tenant))).Expect(HttpStatusCode.Created);

        Assert.Equal(2, (await _tenant.GetAsync("/v1/tokens")).Json.GetProperty("tokens").GetArrayLength());
    }

    private Task<ApiReply> ExchangeAsync(string token, string? role = null) => _tenant.SendAsync(
        HttpMethod.Post,
        $"/v1/organizations/{_tenant.Name}/token-exchange",
        null,
        JsonContent.Create(new { token, role }));
}
