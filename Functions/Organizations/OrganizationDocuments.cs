using System.Text;
using CasFunctions.Security;

namespace CasFunctions.Organizations;

/// <summary>A request to create an organization.</summary>
/// <param name="Name">A DNS-1123 label.</param>
/// <param name="Owners">The owners' e-mail addresses, at least one.</param>
public sealed record NewOrganization(string Name, IReadOnlyList<string> Owners);

/// <summary>A request to change an organization.</summary>
/// <param name="Owners">The owners' e-mail addresses, at least one.</param>
public sealed record OrganizationChange(IReadOnlyList<string> Owners);

/// <summary>An organization as the API shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owners">Its owners' e-mail addresses.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="Token">The first owner token. Told once, at creation.</param>
public sealed record OrganizationDocument(string Name, IReadOnlyList<string> Owners, DateTimeOffset CreatedAt, string? Token = null)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Name = ").Append(Name);
        return true;
    }
}

/// <summary>A request for a token.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Role">What it shall allow.</param>
/// <param name="ExpiresInSeconds">After how many seconds it expires; null for never.</param>
public sealed record NewToken(string Name, Role Role, long? ExpiresInSeconds = null);

/// <summary>A token as the API shows it.</summary>
public sealed record TokenDocument
{
    /// <summary>What people call it by.</summary>
    public required string Id { get; init; }

    /// <summary>What it is for.</summary>
    public required string Name { get; init; }

    /// <summary>What it allows.</summary>
    public required Role Role { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>From when on it is refused; absent for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The token itself. Told once, at creation.</summary>
    public string? Token { get; init; }

    /// <summary>Shows a token.</summary>
    public static TokenDocument From(TokenRecord token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return new()
        {
            Id = token.Id,
            Name = token.Name,
            Role = token.Role,
            CreatedAt = token.CreatedAt,
            CreatedBy = token.CreatedBy,
            ExpiresAt = token.ExpiresAt,
        };
    }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Id = ").Append(Id);
        return true;
    }
}

/// <summary>An organization's tokens.</summary>
/// <param name="Tokens">The tokens, the newest first.</param>
public sealed record TokenList(IReadOnlyList<TokenDocument> Tokens);
