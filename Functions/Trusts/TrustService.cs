using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CasFunctions.Audit;
using CasFunctions.Http;
using CasFunctions.Security;

namespace CasFunctions.Trusts;

/// <summary>Makes, shows and removes an organization's trusts.</summary>
public sealed class TrustService(
    TrustStore store, TrustRules rules, TrustAudience audiences, AuditLog audit, TimeProvider time)
{
    private const int MaxTrusts = 200;

    /// <summary>Makes a trust.</summary>
    /// <exception cref="ProblemException">The request is not valid, or the organization has too many.</exception>
    public async Task<TrustDocument> CreateAsync(Caller caller, NewTrust request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        rules.Check(request);
        if ((await store.ListAsync(caller.Organization, cancellationToken)).Count >= MaxTrusts)
        {
            throw new ProblemException(409, "too-many-trusts", "Too many trusts", "An organization has at most 200 trusts.")
            {
                Hint = "Remove those that are not needed: DELETE /v1/trusts/{id}.",
            };
        }

        var now = time.GetUtcNow();
        var trust = new OidcTrust
        {
            Organization = caller.Organization,
            Id = RandomNumberGenerator.GetHexString(12, lowercase: true),
            Issuer = request.Issuer,
            Claims = request.Claims,
            Audience = request.Audience,
            Role = request.Role,
            Description = request.Description,
            CreatedAt = now,
            CreatedBy = caller.Identity,
            ExpiresAt = request.ExpiresInSeconds is { } lifetime ? now.AddSeconds(lifetime) : null,
        };
        await store.AddAsync(trust, cancellationToken);
        await RecordAsync(caller, AuditActions.TrustCreated, trust, cancellationToken);
        return Show(trust);
    }

    /// <summary>An organization's trusts.</summary>
    public async Task<TrustList> ListAsync(string organization, CancellationToken cancellationToken) =>
        new([.. (await store.ListAsync(organization, cancellationToken)).Select(Show)]);

    /// <summary>Removes a trust. Tokens that were exchanged before live on to their end, an hour at most.</summary>
    /// <exception cref="ProblemException">404 when there is no such trust.</exception>
    public async Task RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var removed = await store.RemoveAsync(caller.Organization, id, cancellationToken) ?? throw Problems.NotFound("trust");
        await RecordAsync(caller, AuditActions.TrustRemoved, removed, cancellationToken);
    }

    private Task RecordAsync(Caller caller, string action, OidcTrust trust, CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["issuer"] = trust.Issuer,
            ["role"] = JsonNamingPolicy.CamelCase.ConvertName(trust.Role.ToString()),
            ["claims"] = string.Join(", ", trust.Claims.Select(claim => $"{claim.Key}={claim.Value}")),
        };
        if (trust.ExpiresAt is { } expiresAt)
        {
            details["expiresAt"] = expiresAt.ToString("O", CultureInfo.InvariantCulture);
        }

        return audit.RecordNowAsync(
            new AuditEvent
            {
                Organization = trust.Organization,
                Actor = caller.Identity,
                Action = action,
                Subject = trust.Id,
                Details = details,
            },
            cancellationToken);
    }

    private TrustDocument Show(OidcTrust trust) => new()
    {
        Id = trust.Id,
        Issuer = trust.Issuer,
        Role = trust.Role,
        Claims = trust.Claims,
        Audience = trust.Audience ?? audiences.Of(trust.Organization),
        ExchangeOnly = trust.Audience is not null,
        Description = trust.Description,
        CreatedAt = trust.CreatedAt,
        CreatedBy = trust.CreatedBy,
        ExpiresAt = trust.ExpiresAt,
    };
}
