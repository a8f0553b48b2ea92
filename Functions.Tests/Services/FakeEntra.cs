using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Services;

/// <summary>
/// The token endpoint of Microsoft Entra ID for one application: client credentials with a secret, as in
/// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow. Clients set <see cref="Authority"/> as
/// their authority host and switch instance discovery off.
/// </summary>
public sealed class FakeEntra : IAsyncDisposable
{
    private const string DefaultScope = "/.default";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly TokenSigner _signer = new();
    private LoopbackServer? _server;

    private FakeEntra()
    {
    }

    /// <summary>The authority host.</summary>
    public Uri Authority => _server!.Address;

    /// <summary>The only tenant.</summary>
    public string TenantId { get; } = Guid.NewGuid().ToString();

    /// <summary>The only application.</summary>
    public string ClientId { get; } = Guid.NewGuid().ToString();

    /// <summary>The secret that is accepted from now on.</summary>
    public string ClientSecret { get; set; } = Guid.NewGuid().ToString("n");

    /// <summary>Starts the endpoint over HTTPS with this certificate.</summary>
    public static async Task<FakeEntra> StartAsync(TestCertificate certificate)
    {
        var entra = new FakeEntra();
        entra._server = await LoopbackServer.StartAsync(certificate, entra.AnswerAsync);
        return entra;
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _signer.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != $"/{TenantId}/oauth2/v2.0/token" || !HttpMethods.IsPost(context.Request.Method))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid_request", 90002, "Tenant not found.");
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!string.Equals(form["client_id"], ClientId, StringComparison.Ordinal))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "unauthorized_client", 700016, "Application not found.");
            return;
        }

        if (!string.Equals(form["client_secret"], ClientSecret, StringComparison.Ordinal))
        {
            await RefuseAsync(
                context, StatusCodes.Status401Unauthorized, "invalid_client", 7000215, "Invalid client secret provided.");
            return;
        }

        await context.Response.WriteAsJsonAsync(
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["token_type"] = "Bearer",
                ["expires_in"] = (int)Lifetime.TotalSeconds,
                ["access_token"] = CreateToken(form["scope"].ToString()),
            },
            context.RequestAborted);
    }

    private string CreateToken(string scope)
    {
        var resource = scope.EndsWith(DefaultScope, StringComparison.Ordinal) ? scope[..^DefaultScope.Length] : scope;
        return _signer.Sign(Lifetime, new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["aud"] = resource,
            ["iss"] = $"https://sts.windows.net/{TenantId}/",
            ["appid"] = ClientId,
            ["tid"] = TenantId,
        });
    }

    private static Task RefuseAsync(HttpContext context, int status, string error, int code, string description)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["error"] = error,
                ["error_description"] = $"AADSTS{code}: {description}",
                ["error_codes"] = new[] { code },
            },
            context.RequestAborted);
    }
}
