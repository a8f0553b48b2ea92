namespace CasFunctions.Secrets;

/// <summary>
/// Where the backends' credentials are kept, section <c>Cas:Secrets</c>. Exactly one of <see cref="KeyVaultUri"/> and
/// <see cref="LocalPath"/> is set.
/// </summary>
public sealed class SecretsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Secrets";

    /// <summary>The vault, such as <c>https://my-vault.vault.azure.net/</c>.</summary>
    public Uri? KeyVaultUri { get; init; }

    /// <summary>
    /// Client id of the user-assigned managed identity that reads and writes the vault. Without it the system-assigned identity or, on
    /// a developer's machine, the developer's own sign-in is used.
    /// </summary>
    public string? ManagedIdentityClientId { get; init; }

    /// <summary>A folder for encrypted files, for use on one machine outside of Azure.</summary>
    public string? LocalPath { get; init; }
}
