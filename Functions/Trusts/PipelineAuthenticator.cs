using CasFunctions.Http;
using CasFunctions.Security;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CasFunctions.Trusts;

/// <summary>A trust that a pipeline's token was found to fulfil.</summary>
/// <param name="Trust">The trust.</param>
/// <param name="Identity">Who the pipeline is, for the records.</param>
public sealed record TrustedPipeline(OidcTrust Trust, string Identity);

/// <summary>
/// Verifies pipelines' tokens. Everything that needs no call to the issuer is looked at first, so that only a token that fits a trust,
/// but for its signature, makes the service speak to an issuer. Who is refused never learns why.
/// </summary>
public sealed partial class PipelineAuthenticator(
    TrustStore trusts, TrustAudience audiences, IssuerKeys keys, TimeProvider time, ILogger<PipelineAuthenticator> logger)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

    /// <summary>True when a text has the form of a token whose audience names an organization. Costs no look-up.</summary>
    public bool MayBeToken(string presented) =>
        PipelineToken.TryRead(presented) is { } token && audiences.OrganizationOf(token.Audience) is not null;

    /// <summary>Finds out who presents a token whose audience names an organization; null when the token lets nobody in.</summary>
    /// <param name="presented">The token.</param>
    /// <param name="access">What it is presented for: of several trusts that match, one that allows it counts.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    public async Task<Caller?> FindCallerAsync(string presented, Access access, CancellationToken cancellationToken)
    {
        if (PipelineToken.TryRead(presented) is not { } token || audiences.OrganizationOf(token.Audience) is not { } organization)
        {
            return null;
        }

        var callers = (await VerifyAsync(token, organization, cancellationToken))
            .Where(pipeline => pipeline.Trust.Audience is null)
            .Select(pipeline => new Caller(organization, pipeline.Trust.Role, pipeline.Identity))
            .ToList();
        return callers.FirstOrDefault(caller => caller.Satisfies(access)) ?? callers.FirstOrDefault();
    }

    /// <summary>The trusts of an organization that a token fulfils, those of the most powerful role first.</summary>
    public async Task<IReadOnlyList<TrustedPipeline>> FindTrustsAsync(
        string organization, string presented, CancellationToken cancellationToken) =>
        DnsLabel.IsValid(organization) && PipelineToken.TryRead(presented) is { } token
            ? await VerifyAsync(token, organization, cancellationToken)
            : [];

    private async Task<IReadOnlyList<TrustedPipeline>> VerifyAsync(
        PipelineToken token, string organization, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var candidates = (await trusts.FindAsync(organization, token.Issuer, cancellationToken))
            .Where(trust => !trust.IsExpired(now)
                && string.Equals(token.Audience, trust.Audience ?? audiences.Of(organization), StringComparison.Ordinal)
                && trust.Matches(token.Claims))
            .OrderByDescending(trust => trust.Role)
            .ThenBy(trust => trust.Id, StringComparer.Ordinal)
            .ToList();
        if (candidates.Count == 0)
        {
            return [];
        }

        var found = await keys.FindAsync(token.Issuer, token.KeyId, cancellationToken);
        if (found.Count == 0)
        {
            LogRefused(logger, organization, token.Issuer, "NoSuchKey");
            return [];
        }

        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token.Text, ParametersFor(token, found));
        if (!result.IsValid)
        {
            // The message of the exception would quote the token.
            var reason = result.Exception?.GetType().Name ?? "Invalid";
            LogRefused(logger, organization, token.Issuer, reason);
            return [];
        }

        return [.. candidates.Select(trust => new TrustedPipeline(trust, PipelineIdentity.Of(trust, token)))];
    }

    private TokenValidationParameters ParametersFor(PipelineToken token, IReadOnlyList<SecurityKey> found) => new()
    {
        ValidIssuer = token.Issuer,
        ValidAudience = token.Audience,
        IssuerSigningKeys = found,
        TryAllIssuerSigningKeys = false,
        ValidAlgorithms = Algorithms,
        RequireSignedTokens = true,
        LifetimeValidator = (notBefore, expires, _, _) => IsInTime(notBefore, expires),
    };

    private bool IsInTime(DateTime? notBefore, DateTime? expires)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < Later(end) && (notBefore is not { } start || now >= start - ClockSkew);

        static DateTime Later(DateTime moment) => moment > DateTime.MaxValue - ClockSkew ? DateTime.MaxValue : moment + ClockSkew;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A token of {Issuer} for {Organization} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string organization, string issuer, string reason);
}
