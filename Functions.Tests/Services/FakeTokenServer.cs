using System.Text;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Services;

/// <summary>
/// A token server for registries (https://distribution.github.io/distribution/spec/auth/token/) with one account that may do
/// whatever it asks for. Wrong credentials get 401, and so does nobody at all.
/// </summary>
public sealed class FakeTokenServer : IAsyncDisposable
{
    /// <summary>The issuer and service that a registry has to be configured with.</summary>
    public const string Name = "casfunctions-tests";

    private readonly TokenSigner _signer = new();
    private readonly string _authorization;
    private LoopbackServer? _server;
    private int _issued;

    private FakeTokenServer(string userName, string password) =>
        _authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{userName}:{password}"));

    /// <summary>The address to ask for tokens.</summary>
    public Uri Realm => new(_server!.Address, "/token");

    /// <summary>The certificate, in PEM, that a registry has to trust.</summary>
    public string CertificatePem => _signer.CertificatePem;

    /// <summary>How long tokens are good for; 60 seconds is the least that clients may count on.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many tokens were issued.</summary>
    public int Issued => Volatile.Read(ref _issued);

    /// <summary>Starts a token server for this account.</summary>
    public static async Task<FakeTokenServer> StartAsync(string userName, string password)
    {
        var tokens = new FakeTokenServer(userName, password);
        tokens._server = await LoopbackServer.StartAsync(null, tokens.AnswerAsync);
        return tokens;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _signer.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (!string.Equals(context.Request.Headers.Authorization, _authorization, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        Interlocked.Increment(ref _issued);
        await context.Response.WriteAsJsonAsync(
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["token"] = CreateToken(context.Request.Query["service"].ToString(), context.Request.Query["scope"]),
                ["expires_in"] = (int)Lifetime.TotalSeconds,
            },
            context.RequestAborted);
    }

    private string CreateToken(string service, IEnumerable<string?> scopes) =>
        _signer.Sign(Lifetime, new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["iss"] = Name,
            ["sub"] = "tests",
            ["aud"] = service,
            ["jti"] = Guid.NewGuid().ToString(),
            ["access"] = scopes.SelectMany(list => list?.Split(' ') ?? []).Select(Access).ToArray(),
        });

    // repository:<name>:<actions>, where the name may hold the port of a host.
    private static Dictionary<string, object> Access(string scope)
    {
        var first = scope.IndexOf(':', StringComparison.Ordinal);
        var last = scope.LastIndexOf(':');
        return new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["type"] = scope[..first],
            ["name"] = scope[(first + 1)..last],
            ["actions"] = scope[(last + 1)..].Split(','),
        };
    }
}
