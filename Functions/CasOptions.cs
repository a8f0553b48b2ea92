namespace CasFunctions;

/// <summary>The settings of the service as a whole, section <c>Cas</c>.</summary>
public sealed class CasOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas";

    /// <summary>The least length of the root key.</summary>
    public const int MinRootKey = 20;

    /// <summary>
    /// The operator's key, which creates organizations. At least 20 characters. Without it no organization can be created.
    /// </summary>
    public string? RootKey { get; init; }

    /// <summary>The address under which clients reach the service, for links in its answers; without it that of each request.</summary>
    public Uri? PublicAddress { get; init; }
}
