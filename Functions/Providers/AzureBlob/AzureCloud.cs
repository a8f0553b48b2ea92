using CasFunctions.Backends;

namespace CasFunctions.Providers.AzureBlob;

/// <summary>An Azure cloud: each endpoint suffix fixes the authority that issues its tokens.</summary>
/// <param name="Suffix">The blob endpoint suffix, without the account.</param>
/// <param name="BlobEndpoint">The blob service's address with <c>{account}</c> in place of the account.</param>
/// <param name="Authority">Where tokens come from.</param>
/// <param name="IsPublicKnowledge">True for Microsoft's own clouds, whose authorities can be discovered.</param>
public sealed record AzureCloud(string Suffix, string BlobEndpoint, Uri Authority, bool IsPublicKnowledge)
{
    /// <summary>The suffix of the public cloud, which is the default.</summary>
    public const string PublicSuffix = "blob.core.windows.net";

    private static readonly AzureCloud[] WellKnown =
    [
        Known(PublicSuffix, "https://login.microsoftonline.com/"),
        Known("blob.core.usgovcloudapi.net", "https://login.microsoftonline.us/"),
        Known("blob.core.chinacloudapi.cn", "https://login.chinacloudapi.cn/"),
    ];

    /// <summary>Finds a cloud by its suffix.</summary>
    /// <param name="suffix">What the owner entered; null for the public cloud.</param>
    /// <param name="options">The operator's further clouds.</param>
    /// <exception cref="BackendSettingsException">No such cloud is known.</exception>
    public static AzureCloud Find(string? suffix, BackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var wanted = suffix?.Trim().TrimStart('.') ?? PublicSuffix;
        var clouds = WellKnown
            .Concat(options.AzureClouds.Select(cloud => new AzureCloud(cloud.Suffix, cloud.BlobEndpoint, cloud.Authority, false)))
            .ToList();
        return clouds.Find(cloud => string.Equals(cloud.Suffix, wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new BackendSettingsException(
                "settings.endpoint", $"The endpoint suffix must be one of: {string.Join(", ", clouds.Select(cloud => cloud.Suffix))}.");
    }

    /// <summary>The blob service of an account.</summary>
    public Uri AddressOf(string account) => new(BlobEndpoint.Replace("{account}", account, StringComparison.Ordinal), UriKind.Absolute);

    private static AzureCloud Known(string suffix, string authority) =>
        new(suffix, $"https://{{account}}.{suffix}", new Uri(authority), true);
}
