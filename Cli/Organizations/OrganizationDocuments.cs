namespace CasFunctions.Cli.Organizations;

/// <summary>A request to create an organization.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owners">The owners' e-mail addresses.</param>
internal sealed record NewOrganization(string Name, IReadOnlyList<string> Owners);

/// <summary>A request to change an organization.</summary>
/// <param name="Owners">All owners' e-mail addresses.</param>
internal sealed record OrganizationChange(IReadOnlyList<string> Owners);

/// <summary>A request for a token.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Role">What it allows.</param>
/// <param name="ExpiresInSeconds">Its lifetime; null for no end.</param>
internal sealed record NewToken(string Name, string Role, long? ExpiresInSeconds);

/// <summary>A request to trust the tokens of an OIDC issuer.</summary>
/// <param name="Issuer">The issuer's address.</param>
/// <param name="Role">What its tokens allow.</param>
/// <param name="Claims">The claims that a token must have: exact values, or patterns with <c>*</c>.</param>
/// <param name="Audience">The audience of an issuer that lets pipelines choose none.</param>
/// <param name="Description">What it is for.</param>
/// <param name="ExpiresInSeconds">Its lifetime; null for no end.</param>
internal sealed record NewTrust(
    string Issuer, string Role, IReadOnlyDictionary<string, string> Claims, string? Audience, string? Description, long? ExpiresInSeconds);
