using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using CasFunctions.Security;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Security;

/// <summary>Failed authentications are limited, and cost nobody else anything.</summary>
public sealed class AuthenticationLimitTests(TestServices services)
{
    private const string Here = "198.51.100.7:50123";
    private const string Elsewhere = "203.0.113.9:443";

    /// <summary>Nothing refills while a test runs.</summary>
    private static readonly Dictionary<string, string> Limits = new(StringComparer.Ordinal)
    {
        ["Cas:AuthenticationLimits:Window"] = "1.00:00:00",
        ["Cas:AuthenticationLimits:FailuresPerToken"] = "2",
        ["Cas:AuthenticationLimits:FailuresPerNetwork"] = "4",
        ["Cas:AuthenticationLimits:LookUpsPerNetwork"] = "6",
        ["Cas:AuthenticationLimits:RootKeysPerNetwork"] = "3",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_network_that_fails_too_often_is_told_to_wait_and_its_good_tokens_still_get_in()
    {
        await using var service = await CasService.StartAsync(services, settings: Limits);
        var tenant = await service.NewTenantAsync();
        var unseen = await tenant.NewTokenAsync("viewer");
        for (var i = 0; i < 4; i++)
        {
            (await CallAsync(tenant, "cas_wrong" + i)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        }

        var refused = (await CallAsync(tenant, "cas_wrong")).ExpectProblem(HttpStatusCode.TooManyRequests, "too-many-failures");
        Assert.True(refused.Message.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        Assert.NotNull(refused["hint"]);
        (await CallAsync(tenant, "cas_wrong", "198.51.100.200")).ExpectProblem(HttpStatusCode.TooManyRequests, "too-many-failures");

        (await CallAsync(tenant, tenant.OwnerToken)).Expect(HttpStatusCode.OK);
        (await CallAsync(tenant, unseen)).Expect(HttpStatusCode.OK);
        (await CallAsync(tenant, "cas_wrong", Elsewhere)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");

        // What the client writes itself stands before what the front end appends.
        (await CallAsync(tenant, "cas_wrong", $"203.0.113.77, {Here}")).ExpectProblem(HttpStatusCode.TooManyRequests, "too-many-failures");
    }

    [Fact]
    public async Task A_token_that_is_wrong_again_and_again_is_refused_without_a_look_up()
    {
        await using var azurite = await Azurite.StartAsync();
        var proxy = await FaultProxy.StartAsync(azurite.TableEndpoint);
        await using var disposing = proxy;
        var settings = new Dictionary<string, string>(Limits, StringComparer.Ordinal)
        {
            ["Cas:Storage:ConnectionString"] = proxy.Through(azurite.ConnectionString),
        };
        await using var service = await CasService.StartAsync(services, settings: settings);
        var tenant = await service.NewTenantAsync();
        var wrong = ApiToken.Create();
        (await CallAsync(tenant, wrong)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        (await CallAsync(tenant, wrong, Elsewhere)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");

        var before = TokenLookUps(proxy);
        (await CallAsync(tenant, wrong)).ExpectProblem(HttpStatusCode.TooManyRequests, "too-many-failures");
        (await CallAsync(tenant, wrong, Elsewhere)).ExpectProblem(HttpStatusCode.TooManyRequests, "too-many-failures");
        Assert.Equal(before, TokenLookUps(proxy));

        // Other tokens by the hundred: at first each is looked up, then only what was good before.
        (await CallAsync(tenant, tenant.OwnerToken)).Expect(HttpStatusCode.OK);
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 9; i++)
        {
            answers.Add((await CallAsync(tenant, ApiToken.Create())).Status);
        }

        Assert.Equal(3, answers.Count(status => status == HttpStatusCode.Unauthorized));
        before = TokenLookUps(proxy);
        (await CallAsync(tenant, ApiToken.Create())).ExpectProblem(HttpStatusCode.TooManyRequests, "too-many-failures");
        Assert.Equal(before, TokenLookUps(proxy));
        (await CallAsync(tenant, tenant.OwnerToken)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Beyond_the_limit_the_root_key_is_not_compared_any_more()
    {
        await using var service = await CasService.StartAsync(services, settings: Limits);
        var tenant = await service.NewTenantAsync();
        for (var i = 0; i < 3; i++)
        {
            (await MintAsync(tenant, "wrong-root-key-" + i)).ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        }

        (await MintAsync(tenant, CasSettings.RootKey)).ExpectProblem(HttpStatusCode.TooManyRequests, "too-many-failures");
        (await MintAsync(tenant, CasSettings.RootKey, Elsewhere)).Expect(HttpStatusCode.Created);
        (await CallAsync(tenant, tenant.OwnerToken)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_exchange_of_tokens_is_limited_and_answers_the_same_for_organizations_that_exist_and_that_do_not()
    {
        await using var service = await CasService.StartAsync(services, settings: Limits);
        var tenant = await service.NewTenantAsync();
        var answers = new Dictionary<string, List<(HttpStatusCode, string?)>>(StringComparer.Ordinal);
        foreach (var (organization, from) in new[] { (tenant.Name, Here), ("absent", Elsewhere) })
        {
            answers[organization] = [];
            for (var i = 0; i < 6; i++)
            {
                var answer = await tenant.SendAsync(
                    HttpMethod.Post,
                    $"/v1/organizations/{organization}/token-exchange",
                    null,
                    JsonContent.Create(new { token = string.Create(CultureInfo.InvariantCulture, $"{organization}.{i}.x") }),
                    ("X-Forwarded-For", from));
                answers[organization].Add((answer.Status, answer["detail"]));
            }
        }

        Assert.Equal(answers[tenant.Name], answers["absent"]);
        Assert.Equal(
            [401, 401, 401, 401, 429, 429],
            answers["absent"].Select(answer => (int)answer.Item1));
    }

    [Fact]
    public async Task After_a_while_the_limit_is_there_again()
    {
        var settings = new Dictionary<string, string>(Limits, StringComparer.Ordinal) { ["Cas:AuthenticationLimits:Window"] = "00:00:04" };
        await using var service = await CasService.StartAsync(services, settings: settings);
        var tenant = await service.NewTenantAsync();

        // Calls beyond the limit take nothing from it.
        await Eventually.TrueAsync(
            async _ => (await CallAsync(tenant, "cas_wrong")).Status == HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(30), Cancellation);
        await Eventually.TrueAsync(
            async _ => (await CallAsync(tenant, "cas_wrong")).Status == HttpStatusCode.Unauthorized, TimeSpan.FromSeconds(30), Cancellation);
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.0/24")]
    [InlineData("198.51.100.7:50123", "198.51.100.0/24")]
    [InlineData("10.0.0.1, 198.51.100.7:50123", "198.51.100.0/24")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("[2001:db8:1:2:3:4:5:6]:50123", "2001:db8:1:2::/64")]
    [InlineData("::ffff:198.51.100.7", "198.51.100.0/24")]
    [InlineData("[::ffff:198.51.100.7]:443", "198.51.100.0/24")]
    [InlineData("198.51.100.7,", "192.0.2.0/24")]
    [InlineData("unknown", "192.0.2.0/24")]
    [InlineData("198.51.100.7, <script>", "192.0.2.0/24")]
    [InlineData("198.51.100.7:port", "192.0.2.0/24")]
    [InlineData("", "192.0.2.0/24")]
    public void The_client_is_the_last_hop_or_else_who_is_connected(string forwardedFor, string network)
    {
        Assert.Equal(network, ClientNetwork.Of(Request(forwardedFor), 1).ToString());
        Assert.Equal("192.0.2.0/24", ClientNetwork.Of(Request(forwardedFor), 0).ToString());
    }

    [Fact]
    public void With_a_proxy_of_the_operators_the_client_is_the_hop_before_it()
    {
        Assert.Equal("198.51.100.0/24", ClientNetwork.Of(Request("203.0.113.1, 198.51.100.7, 10.9.9.9:80"), 2).ToString());
        Assert.Equal("192.0.2.0/24", ClientNetwork.Of(Request("198.51.100.7"), 2).ToString());
    }

    private static HttpRequest Request(string forwardedFor)
    {
        var http = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("192.0.2.4") } };
        http.Request.Headers["X-Forwarded-For"] = forwardedFor;
        return http.Request;
    }

    private static int TokenLookUps(FaultProxy proxy) =>
        proxy.Requests.Count(request => request.Path.Contains("Tokens(", StringComparison.Ordinal));

    private static Task<ApiReply> CallAsync(Tenant tenant, string token, string from = Here) =>
        tenant.SendAsync(HttpMethod.Get, "/v1/artifacts", token, null, ("X-Forwarded-For", from));

    private static Task<ApiReply> MintAsync(Tenant tenant, string key, string from = Here) =>
        tenant.SendAsync(HttpMethod.Post, $"/v1/organizations/{tenant.Name}/tokens", key, null, ("X-Forwarded-For", from));
}
