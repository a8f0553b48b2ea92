using System.Text;
using CasFunctions.Security;

namespace CasFunctions.Trusts;

/// <summary>A request to trust the tokens of an OIDC issuer.</summary>
/// <param name="Issuer">The issuer's https address, exactly as its tokens write it.</param>
/// <param name="Role">What the tokens shall allow: viewer, downloader or uploader.</param>
/// <param name="Claims">The claims that a token must have: exact values, or patterns with <c>*</c>.</param>
/// <param name="Audience">The audience of an issuer that lets pipelines choose none; such tokens have to be exchanged.</param>
/// <param name="Description">What it is for.</param>
/// <param name="ExpiresInSeconds">After how many seconds it lets nobody in any more; null for never.</param>
public sealed record NewTrust(
    string Issuer,
    Role Role,
    IReadOnlyDictionary<string, string> Claims,
    string? Audience = null,
    string? Description = null,
    long? ExpiresInSeconds = null);

/// <summary>A trust as the API shows it.</summary>
public sealed record TrustDocument
{
    /// <summary>What people call it by.</summary>
    public required string Id { get; init; }

    /// <summary>The issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>What the tokens allow.</summary>
    public required Role Role { get; init; }

    /// <summary>The claims that a token must have.</summary>
    public required IReadOnlyDictionary<string, string> Claims { get; init; }

    /// <summary>The audience that a token must have; absent while the operator has set no public address.</summary>
    public string? Audience { get; init; }

    /// <summary>True when tokens have to be exchanged, because their audience does not name the organization.</summary>
    public required bool ExchangeOnly { get; init; }

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>From when on it lets nobody in; absent for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>An organization's trusts.</summary>
/// <param name="Trusts">The trusts, the newest first.</param>
public sealed record TrustList(IReadOnlyList<TrustDocument> Trusts);

/// <summary>A request to trade a pipeline's token.</summary>
/// <param name="Token">The token that the issuer gave to the pipeline.</param>
/// <param name="Role">Which role is wanted when several trusts match; the first of uploader, downloader and viewer unless told.</param>
public sealed record NewExchange(string Token, Role? Role = null)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Role = ").Append(Role);
        return true;
    }
}
