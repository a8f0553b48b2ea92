using System.Net;
using System.Security.Cryptography;
using System.Text;
using CasFunctions.Http;
using CasFunctions.Organizations;
using CasFunctions.Trusts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace CasFunctions.Security;

/// <summary>Finds out who calls, and lets them in or not.</summary>
public sealed class Authenticator(
    TokenStore tokens, PipelineAuthenticator pipelines, AuthenticationLimits limits, IOptions<CasOptions> options, TimeProvider time)
{
    private readonly byte[]? _rootKey = options.Value.HasRootKey ? SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.RootKey)) : null;

    /// <summary>Checks the request's credentials against a rule.</summary>
    /// <exception cref="ProblemException">
    /// 401 without valid credentials, 429 after too many that were not, 403 when they lack the role.
    /// </exception>
    public async Task<Caller> AuthorizeAsync(HttpRequest request, Access access, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        switch (access)
        {
            case Access.Anonymous or Access.Session:
                return Caller.Anonymous;
            case Access.Nobody:
                throw Problems.NotFound("resource");
        }

        var presented = BearerOf(request) ?? throw Unauthorized("This call needs the header 'Authorization: Bearer …'.");
        var network = limits.NetworkOf(request);
        if (access == Access.RootKey)
        {
            limits.DemandRootKey(network);
            return IsRootKey(presented)
                ? Caller.Operator
                : throw limits.Fail(network, null, isRootKey: true, Unauthorized("This call needs the root key."));
        }

        var caller = await FindCallerAsync(presented, access, network, cancellationToken);
        return caller.Satisfies(access)
            ? caller
            : throw new ProblemException(
                403, "forbidden", "The token's role does not allow this", $"This call needs a token of role {Describe(access)}.")
            {
                Hint = "An owner can create one: POST /v1/tokens.",
            };
    }

    /// <summary>The one refusal of tokens that let nobody in: it doesn't tell which of them, why, or whether an organization exists.</summary>
    internal static ProblemException UnknownToken() => Unauthorized("The token is unknown, revoked or expired.");

    private static string? BearerOf(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } value && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? value["Bearer ".Length..].Trim()
            : null;
    }

    private static ProblemException Unauthorized(string detail) =>
        new(401, "unauthorized", "Not authorized", detail)
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["WWW-Authenticate"] = "Bearer" },
        };

    private static string Describe(Access access) => access switch
    {
        Access.Downloader => "downloader or owner",
        Access.Uploader => "uploader or owner",
        _ => "owner",
    };

    /// <summary>Compares hashes of equal length, so that the time taken tells nothing of the key, its length included.</summary>
    private bool IsRootKey(string presented) =>
        _rootKey is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), _rootKey);

    private async Task<Caller> FindCallerAsync(
        string presented, Access access, IPNetwork network, CancellationToken cancellationToken)
    {
        var isOurs = presented.StartsWith(ApiToken.Prefix, StringComparison.Ordinal);
        if (isOurs ? !ApiToken.IsWellFormed(presented) : !pipelines.MayBeToken(presented))
        {
            throw limits.Fail(network, null, isRootKey: false, UnknownToken());
        }

        // A pipeline's token counts as a whole, not by its claims: anybody can write those of somebody else into a false one.
        var hash = ApiToken.Hash(presented);
        limits.DemandLookUp(network, hash, wasGood: isOurs && tokens.HasFound(hash));
        var caller = isOurs
            ? await FindTokenAsync(hash, cancellationToken)
            : await pipelines.FindCallerAsync(presented, access, cancellationToken);
        return caller ?? throw limits.Fail(network, hash, isRootKey: false, UnknownToken());
    }

    private async Task<Caller?> FindTokenAsync(string hash, CancellationToken cancellationToken)
    {
        var token = await tokens.FindAsync(hash, cancellationToken);
        return token is not null && !token.IsExpired(time.GetUtcNow())
            ? new Caller(token.Organization, token.Role, Caller.IdentityOf(token.Id))
            : null;
    }
}
