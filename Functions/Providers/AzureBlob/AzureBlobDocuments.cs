using System.Text;
using System.Text.Json.Serialization;

namespace CasFunctions.Providers.AzureBlob;

/// <summary>Where an Azure backend is.</summary>
public sealed record AzureBlobSettings
{
    /// <summary>The storage account's name. Absent only with a connection string, which names it itself.</summary>
    public string? StorageAccount { get; init; }

    /// <summary>The container, <c>cas</c> unless told.</summary>
    public string? Container { get; init; }

    /// <summary>The endpoint suffix of a cloud other than the public one.</summary>
    public string? Endpoint { get; init; }
}

/// <summary>
/// How an Azure backend is reached: a service principal, the app's managed identity, or a connection string for local use.
/// </summary>
public sealed record AzureBlobCredentials
{
    /// <summary>The Entra tenant of the service principal: its id or a domain of it.</summary>
    public string? Tenant { get; init; }

    /// <summary>The service principal's application id.</summary>
    public string? ClientId { get; init; }

    /// <summary>The service principal's secret.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>True to use the app's managed identity.</summary>
    public bool ManagedIdentity { get; init; }

    /// <summary>A connection string with an account key.</summary>
    public string? ConnectionString { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("redacted");
        return true;
    }
}

/// <summary>Reads and writes the documents of this provider.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AzureBlobSettings))]
[JsonSerializable(typeof(AzureBlobCredentials))]
public sealed partial class AzureBlobJson : JsonSerializerContext;
