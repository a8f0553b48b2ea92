using System.Globalization;
using System.Net;
using System.Text.Json;
using CasFunctions.Audit;
using CasFunctions.Http;
using CasFunctions.Organizations;
using CasFunctions.Security;

namespace CasFunctions.Trusts;

/// <summary>
/// Trades a pipeline's token for one of ours: for issuers whose audience can't name an organization, and for pipelines that run longer
/// than their token lives.
/// </summary>
public sealed class TokenExchange(
    PipelineAuthenticator pipelines, AuthenticationLimits limits, TokenStore tokens, AuditLog audit, TimeProvider time)
{
    private const string TokenName = "token exchange";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Makes the token.</summary>
    /// <param name="organization">The organization that the caller names.</param>
    /// <param name="request">What was presented.</param>
    /// <param name="network">Where it comes from.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">
    /// 401 when the presented token lets nobody in, whatever the reason; 429 after too many of those.
    /// </exception>
    public async Task<TokenDocument> ExchangeAsync(
        string organization, NewExchange request, IPNetwork network, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var hash = ApiToken.Hash(request.Token);
        limits.DemandLookUp(network, hash, wasGood: false);
        var (trust, identity) = (await pipelines.FindTrustsAsync(organization, request.Token, cancellationToken))
            .FirstOrDefault(pipeline => request.Role is null || pipeline.Trust.Role == request.Role)
            ?? throw limits.Fail(network, hash, isRootKey: false, Authenticator.UnknownToken());

        var now = time.GetUtcNow();
        await tokens.RemoveExpiredAsync(organization, TokenName, cancellationToken);
        var expiresAt = trust.ExpiresAt is { } end && end < now + Lifetime ? end : now + Lifetime;
        var (token, record) = await tokens.CreateAsync(organization, TokenName, trust.Role, identity, expiresAt, cancellationToken);
        await audit.RecordNowAsync(
            new AuditEvent
            {
                Organization = organization,
                Actor = identity,
                Action = AuditActions.TokenExchanged,
                Subject = record.Id,
                Details = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["trust"] = trust.Id,
                    ["role"] = JsonNamingPolicy.CamelCase.ConvertName(trust.Role.ToString()),
                    ["expiresAt"] = expiresAt.ToString("O", CultureInfo.InvariantCulture),
                },
            },
            cancellationToken);
        return TokenDocument.From(record) with { Token = token };
    }
}
