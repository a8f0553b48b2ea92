using System.Text.RegularExpressions;

namespace CasFunctions.Trusts;

/// <summary>What is known of an issuer: which of its claims are ids that are never given to another, and which name a run.</summary>
/// <remarks>
/// Names of repositories, projects and branches can be given up and taken by somebody else, and formats of <c>sub</c> change; the
/// ids here can't. Sources: https://docs.github.com/actions/reference/security/oidc,
/// https://docs.gitlab.com/ci/secrets/id_token_authentication/,
/// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference.
/// </remarks>
public sealed partial class IssuerPreset
{
    private static readonly string[] NoIdentity = ["iss", "aud", "exp", "nbf", "iat", "jti"];

    /// <summary>Of an issuer that isn't known, the claims that are most likely ids, for the records to name rather than others.</summary>
    private static readonly string[] LikelyIds = ["repository_id", "project_id", "oid", "client_id", "sub"];

    private static readonly IssuerPreset GitHub = new("github", "run_id", "repository_id", "repository_owner_id");
    private static readonly IssuerPreset GitLab = new("gitlab", "job_id", "project_id", "namespace_id");
    private static readonly IssuerPreset Entra = new("entra", null, "oid", "azp", "appid");

    private readonly string[] _ids;

    private IssuerPreset(string name, string? run, params string[] ids)
    {
        Name = name;
        Run = run;
        _ids = ids;
    }

    /// <summary>What records call the issuer: a short name, or its host.</summary>
    public string Name { get; }

    /// <summary>The claim that names a run; null when none is known.</summary>
    public string? Run { get; }

    /// <summary>The claims of which a trust has to name one exactly, in words for its owner.</summary>
    public string Ids => _ids.Length == 0 ? "a claim that never changes, such as sub" : string.Join(" or ", _ids);

    /// <summary>Finds what is known of an issuer.</summary>
    public static IssuerPreset For(Uri issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        return issuer.Host switch
        {
            "token.actions.githubusercontent.com" => GitHub,
            "gitlab.com" => GitLab,
            var host when EntraHosts().IsMatch(host) => Entra,
            var host => new IssuerPreset(host, null),
        };
    }

    /// <summary>The names of claims that every token has and that name nobody.</summary>
    public static bool NamesNobody(string claim) => NoIdentity.Contains(claim, StringComparer.Ordinal);

    /// <summary>The required claim that pins an identity: exact, and an id that never changes. Null when there is none.</summary>
    public string? FindIdentity(IReadOnlyDictionary<string, string> claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        IEnumerable<string> candidates = _ids.Length > 0
            ? _ids
            : LikelyIds.Concat(claims.Keys
                .Where(name => !NamesNobody(name) && claims[name] is not ("true" or "false"))
                .Order(StringComparer.Ordinal));
        return candidates.FirstOrDefault(name => claims.TryGetValue(name, out var value) && ClaimPattern.IsExact(value));
    }

    [GeneratedRegex(
        @"\A(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.(windows\.net|chinacloudapi\.cn))\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex EntraHosts();
}
