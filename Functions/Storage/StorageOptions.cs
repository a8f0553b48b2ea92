namespace CasFunctions.Storage;

/// <summary>Where the app keeps its own tables and blobs, section <c>Cas:Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Storage";

    /// <summary>A connection string with a key, for local use. Set either this or the service addresses.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The table service's address, reached with the app's identity.</summary>
    public Uri? TableServiceUri { get; init; }

    /// <summary>The blob service's address, reached with the app's identity.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>The client id of the app's user-assigned identity; without it the system-assigned one is used.</summary>
    public string? ManagedIdentityClientId { get; init; }

    /// <summary>What every table's name starts with, so that several installations can share an account.</summary>
    public string TablePrefix { get; init; } = "Cas";
}
