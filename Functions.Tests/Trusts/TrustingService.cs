using System.Net;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Trusts;

/// <summary>A service that may reach an issuer, with a clock that a test can change.</summary>
internal sealed class TrustingService : IAsyncDisposable
{
    /// <summary>Where its clients are told to find it.</summary>
    public const string PublicAddress = "https://cas.example";

    private TrustingService(string home, CasService service, TestIssuer issuer, ShiftedClock clock)
    {
        Home = home;
        Service = service;
        Issuer = issuer;
        Clock = clock;
    }

    /// <summary>Where its clients are told to find this one.</summary>
    public string Home { get; }

    public CasService Service { get; }

    public TestIssuer Issuer { get; }

    public ShiftedClock Clock { get; }

    /// <param name="services">Where its storage comes from.</param>
    /// <param name="atHome">Whether its clients are told the address at which it really is.</param>
    public static async Task<TrustingService> StartAsync(TestServices services, bool atHome = false)
    {
        var home = atHome ? $"http://127.0.0.1:{ServiceProcess.FreePort()}" : PublicAddress;
        var issuer = await TestIssuer.StartAsync();
        var clock = new ShiftedClock();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:PublicAddress"] = home + "/",
            ["Cas:Outbound:AllowedPorts:10"] = $"{issuer.Port}",
            ["Cas:Outbound:TrustedCertificates:0"] = issuer.Certificate.AuthorityFile,
        };
        if (atHome)
        {
            settings["urls"] = home;
        }

        var service = await CasService.StartAsync(
            services, settings: settings, configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        return new TrustingService(home, service, issuer, clock);
    }

    /// <summary>Trusts the issuer's tokens of one repository, whatever the branch.</summary>
    public async Task<string> TrustAsync(Tenant tenant, string role = "uploader", string? audience = null, long? expiresInSeconds = null) =>
        (await tenant.PostAsync("/v1/trusts", new
        {
            issuer = Issuer.Name,
            role,
            claims = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["repository_id"] = "123",
                ["ref"] = "refs/heads/*",
                ["ref_protected"] = "true",
            },
            audience,
            expiresInSeconds,
        })).Expect(HttpStatusCode.Created)["id"]!;

    /// <summary>The claims of a token that such a trust lets in.</summary>
    public Dictionary<string, object?> Claims(string organization)
    {
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        return new(StringComparer.Ordinal)
        {
            ["iss"] = Issuer.Name,
            ["aud"] = $"{Home}/orgs/{organization}",
            ["sub"] = "repo:acme/app",
            ["repository_id"] = 123,
            ["ref"] = "refs/heads/main",
            ["ref_protected"] = true,
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 300,
        };
    }

    /// <summary>A token that such a trust lets in, but for a change.</summary>
    public string Token(Tenant tenant, string? claim = null, object? value = null)
    {
        var claims = Claims(tenant.Name);
        if (claim is not null)
        {
            claims[claim] = value;
        }

        return Issuer.Sign(claims);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
