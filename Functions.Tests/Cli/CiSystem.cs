using System.Collections.Concurrent;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Trusts;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Cli;

/// <summary>
/// A CI system that gives its jobs OpenID Connect tokens over https, as GitHub Actions and Azure Pipelines do it on the wire. The tokens
/// are those of a real issuer.
/// </summary>
internal sealed class CiSystem : IAsyncDisposable
{
    /// <summary>What jobs ask with.</summary>
    public const string Secret = "request-secret-of-the-job";

    /// <summary>The one service connection.</summary>
    public const string Connection = "8d7f4a52-6d3c-4b44-9a7e-0a8f4f7c6b21";

    private readonly TrustingService _trusting;
    private readonly string _organization;
    private LoopbackServer? _server;

    private CiSystem(TrustingService trusting, string organization)
    {
        _trusting = trusting;
        _organization = organization;
    }

    /// <summary>The tokens that it gave out.</summary>
    public ConcurrentBag<string> Tokens { get; } = [];

    /// <summary>The requests that it was sent, as method, path and query.</summary>
    public ConcurrentBag<string> Requests { get; } = [];

    /// <summary>How long its tokens live.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Answers in place of its own.</summary>
    public RequestDelegate? Instead { get; set; }

    /// <summary>Where it is.</summary>
    public string Address => _server!.Address.ToString().TrimEnd('/');

    public static async Task<CiSystem> StartAsync(TrustingService trusting, string organization)
    {
        var system = new CiSystem(trusting, organization);
        system._server = await LoopbackServer.StartAsync(trusting.Issuer.Certificate, system.AnswerAsync);
        return system;
    }

    /// <summary>A job on GitHub Actions with the permission to ask for tokens.</summary>
    public CasProgram GitHubJob()
    {
        var cas = Job();
        cas["GITHUB_ACTIONS"] = "true";
        cas["ACTIONS_ID_TOKEN_REQUEST_URL"] = Address + "/github/token?api-version=2.0";
        cas["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = Secret;
        return cas;
    }

    /// <summary>A job on Azure Pipelines that may use the service connection.</summary>
    public CasProgram AzureJob()
    {
        var cas = Job();
        cas["TF_BUILD"] = "True";
        cas["SYSTEM_OIDCREQUESTURI"] = Address + "/azure/oidctoken";
        cas["SYSTEM_ACCESSTOKEN"] = Secret;
        cas["CAS_SERVICE_CONNECTION_ID"] = Connection;
        return cas;
    }

    /// <summary>A job on GitLab with a token for an audience.</summary>
    public CasProgram GitLabJob(string audience)
    {
        var cas = Job();
        cas["GITLAB_CI"] = "true";
        cas["CAS_ID_TOKEN"] = Sign(audience);
        return cas;
    }

    /// <summary>A token of the issuer.</summary>
    public string Sign(string audience)
    {
        var claims = _trusting.Claims(_organization);
        claims["aud"] = audience;
        claims["jti"] = Guid.NewGuid().ToString();
        claims["exp"] = (_trusting.Clock.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        var token = _trusting.Issuer.Sign(claims);
        Tokens.Add(token);
        return token;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private CasProgram Job()
    {
        var cas = new CasProgram(_trusting.Service.Address);
        cas["CAS_ORG"] = _organization;
        cas["SSL_CERT_FILE"] = _trusting.Issuer.Certificate.AuthorityFile;
        return cas;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        Requests.Add($"{request.Method} {request.Path}{request.QueryString}");
        if (Instead is not null)
        {
            await Instead(context);
            return;
        }

        if (request.Headers.Authorization != "Bearer " + Secret)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        switch (request.Method, request.Path.Value)
        {
            case ("GET", "/github/token") when request.Query["api-version"] == "2.0" && request.Headers.Accept == "application/json; api-version=2.0":
                var token = Sign(request.Query["audience"]!);
                await context.Response.WriteAsJsonAsync(new { count = token.Length, value = token });
                break;
            case ("POST", "/azure/oidctoken") when request.Query["api-version"] == "7.1"
                && request.Query["serviceConnectionId"] == Connection
                && request.ContentType == "application/json"
                && request.Headers["X-TFS-FedAuthRedirect"] == "Suppress":
                await context.Response.WriteAsJsonAsync(new { oidcToken = Sign("api://AzureADTokenExchange") });
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                break;
        }
    }
}
