using CasFunctions.Security;

namespace CasFunctions.Trusts;

/// <summary>
/// What an organization lets pipelines in by: a token of this issuer with these claims may act in this role, without any secret
/// being kept in the pipeline.
/// </summary>
public sealed record OidcTrust
{
    /// <summary>Whose trust it is.</summary>
    public required string Organization { get; init; }

    /// <summary>What people call it by.</summary>
    public required string Id { get; init; }

    /// <summary>The issuer as its tokens write it, letter for letter.</summary>
    public required string Issuer { get; init; }

    /// <summary>The claims that a token must have: exact values, or patterns in which <c>*</c> stands for any characters.</summary>
    public required IReadOnlyDictionary<string, string> Claims { get; init; }

    /// <summary>The audience of an issuer that lets pipelines choose none; null for the organization's own.</summary>
    public string? Audience { get; init; }

    /// <summary>What the tokens allow.</summary>
    public required Role Role { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>From when on it lets nobody in; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>True from the moment of expiry on.</summary>
    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>True when a token's claims are those that are required.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        return Claims.All(required =>
            claims.TryGetValue(required.Key, out var value) && ClaimPattern.Matches(required.Value, value));
    }
}
