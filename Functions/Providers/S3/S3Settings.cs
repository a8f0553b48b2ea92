using System.Text;
using System.Text.Json.Serialization;
using CasFunctions.Digests;

namespace CasFunctions.Providers.S3;

/// <summary>Where a backend's objects are, in the form that is stored.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Endpoint">Scheme, host and port of an S3 API other than AWS's, or null for AWS.</param>
/// <param name="Prefix">What precedes each key, without slashes at its ends, or null.</param>
public sealed record S3Settings(string Bucket, string? Endpoint, string? Prefix)
{
    /// <summary>What a person reads as the backend's place.</summary>
    [JsonIgnore]
    public string Location => (Endpoint is null ? $"s3://{Bucket}" : $"{Endpoint}/{Bucket}") + (Prefix is null ? "" : $"/{Prefix}");

    /// <summary>The key of a digest's object.</summary>
    public string KeyOf(Sha256Digest digest) => Prefixed(digest.ToString());

    /// <summary>A key below the prefix.</summary>
    public string Prefixed(string name) => Prefix is null ? name : $"{Prefix}/{name}";
}

/// <summary>A backend's secret, in the form that is stored.</summary>
/// <param name="AccessKeyId">The access key's id.</param>
/// <param name="SecretAccessKey">The secret that signs requests.</param>
/// <param name="Region">The region that requests are signed for. Kept here because a rotation may change it.</param>
public sealed record S3Credentials(string AccessKeyId, string SecretAccessKey, string Region)
{
    // Keeps the keys out of whatever formats this record.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(nameof(Region)).Append(" = ").Append(Region);
        return true;
    }
}

/// <summary>Reads and writes what is stored of a backend.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(S3Settings))]
[JsonSerializable(typeof(S3Credentials))]
internal sealed partial class S3JsonContext : JsonSerializerContext;
