using System.Diagnostics.CodeAnalysis;

namespace CasFunctions;

/// <summary>The settings of the service as a whole, section <c>Cas</c>.</summary>
public sealed class CasOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas";

    /// <summary>The least length of the root key.</summary>
    public const int MinRootKey = 20;

    /// <summary>
    /// The operator's key, which creates organizations and mints an owner token for any that exists. At least 20 characters. Without it
    /// nobody can do either. A Key Vault reference that Azure could not resolve counts as none.
    /// </summary>
    public string? RootKey { get; init; }

    /// <summary>
    /// True when there is a root key. Azure hands a reference that it can't resolve to the app as it is written in the settings: whoever
    /// knows the vault's name would otherwise know the key.
    /// </summary>
    [MemberNotNullWhen(true, nameof(RootKey))]
    internal bool HasRootKey => !string.IsNullOrEmpty(RootKey) && !RootKey.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address under which clients reach the service, for links in its answers; without it that of each request.</summary>
    public Uri? PublicAddress { get; init; }
}
