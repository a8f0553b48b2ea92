namespace CasFunctions.Backends;

/// <summary>What the operator allows owners to register, section <c>Cas:Backends</c>.</summary>
public sealed class BackendOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Backends";

    /// <summary>Whether Azure connection strings with account keys are accepted. For local use.</summary>
    public bool AllowConnectionStrings { get; init; }

    /// <summary>
    /// Accounts and containers that organizations may reach with the app's own identity, each as <c>organization/account/container</c>.
    /// The app's own account is refused.
    /// </summary>
    public IList<string> ManagedIdentityContainers { get; init; } = [];

    /// <summary>Azure clouds besides the public, US Government and China clouds, such as an Azure Stack Hub.</summary>
    public IList<AzureCloudOptions> AzureClouds { get; init; } = [];
}

/// <summary>An Azure cloud of the operator's.</summary>
public sealed class AzureCloudOptions
{
    /// <summary>The endpoint suffix by which owners name it, such as <c>blob.local.azurestack.external</c>.</summary>
    public required string Suffix { get; init; }

    /// <summary>The blob service's address with <c>{account}</c> in place of the account.</summary>
    public required string BlobEndpoint { get; init; }

    /// <summary>The address that issues its tokens.</summary>
    public required Uri Authority { get; init; }
}
