using System.Text.Json.Serialization;

namespace CasFunctions.Providers.Oci;

/// <summary>Where an <c>oci</c> backend is, as stored.</summary>
/// <param name="Repository">See <see cref="OciRepository.Location"/>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record OciSettings(string Repository);

/// <summary>Who an <c>oci</c> backend is used as, as stored. The password may be a token or a service account's JSON key.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record OciCredentials(string Username, string Password)
{
    /// <summary>Leaves the password out.</summary>
    public override string ToString() => $"{nameof(OciCredentials)} of {Username}";
}

/// <summary>A token server's answer (distribution token authentication specification).</summary>
/// <param name="Token">The bearer token.</param>
/// <param name="AccessToken">The same under its OAuth 2.0 name; servers send either or both.</param>
/// <param name="ExpiresIn">Seconds from now; 60 where absent.</param>
internal sealed record TokenAnswer(
    string? Token,
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in"), JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] double? ExpiresIn)
{
    /// <summary>Leaves the tokens out.</summary>
    public override string ToString() => nameof(TokenAnswer);
}

/// <summary>A registry's error body (distribution specification, "Error Codes").</summary>
internal sealed record RegistryErrors(IReadOnlyList<RegistryError?>? Errors);

/// <summary>One error. Its message and detail are not read: they are a stranger's text.</summary>
internal sealed record RegistryError(string? Code);

/// <summary>An image manifest, as far as it is written and read here (OCI image specification 1.1).</summary>
internal sealed record OciManifest(
    int SchemaVersion,
    string? MediaType,
    string? ArtifactType,
    OciDescriptor? Config,
    IReadOnlyList<OciDescriptor>? Layers,
    IReadOnlyDictionary<string, string>? Annotations);

/// <summary>A content descriptor (OCI image specification 1.1).</summary>
internal sealed record OciDescriptor(string? MediaType, string? Digest, long Size, IReadOnlyDictionary<string, string>? Annotations);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OciSettings))]
[JsonSerializable(typeof(OciCredentials))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(RegistryErrors))]
[JsonSerializable(typeof(OciManifest))]
internal sealed partial class OciJson : JsonSerializerContext;
