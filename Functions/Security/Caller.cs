namespace CasFunctions.Security;

/// <summary>Who calls.</summary>
/// <param name="Organization">The organization that the credentials belong to; empty for the root key and anonymous callers.</param>
/// <param name="Role">What the credentials allow; null for the root key and anonymous callers.</param>
/// <param name="Identity">Who it is, for the records: the token's id, or what else was presented. Never a secret.</param>
public sealed record Caller(string Organization, Role? Role, string Identity)
{
    private const string TokenPrefix = "token:";

    /// <summary>What the download link is called in the records by which they call; null when they use none.</summary>
    public string? Link { get; init; }

    /// <summary>A caller without credentials of an organization.</summary>
    public static Caller Anonymous { get; } = new("", null, "anonymous");

    /// <summary>The holder of the root key.</summary>
    public static Caller Operator { get; } = new("", null, "operator");

    /// <summary>True when the caller may read content.</summary>
    public bool MayDownload => Role is Security.Role.Downloader or Security.Role.Owner;

    /// <summary>The identity of a token's holder.</summary>
    /// <param name="token">The token's id.</param>
    public static string IdentityOf(string token) => TokenPrefix + token;

    /// <summary>The id of the token whose holder an identity is; null when it is another's.</summary>
    public static string? TokenOf(string identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return identity.StartsWith(TokenPrefix, StringComparison.Ordinal) ? identity[TokenPrefix.Length..] : null;
    }

    /// <summary>True when the credentials satisfy a rule.</summary>
    public bool Satisfies(Access access) => access switch
    {
        Access.Viewer => Role is not null,
        Access.Downloader => MayDownload,
        Access.Uploader => Role is Security.Role.Uploader or Security.Role.Owner,
        Access.Owner => Role is Security.Role.Owner,
        _ => false,
    };
}
