using System.Text.Json;
using System.Text.Json.Serialization;

namespace CasFunctions.Security;

/// <summary>What a token's holder may do.</summary>
[JsonConverter(typeof(RoleConverter))]
public enum Role
{
    /// <summary>Sees what is stored and where, but no content.</summary>
    Viewer,

    /// <summary>A viewer who may also read content.</summary>
    Downloader,

    /// <summary>A viewer who may also store content, but not read it.</summary>
    Uploader,

    /// <summary>May do everything in the organization.</summary>
    Owner,
}

/// <summary>
/// Reads and writes roles by their exact names. The general converter would also take numbers and lists, so that <c>"viewer,owner"</c>
/// would make an owner.
/// </summary>
public sealed class RoleConverter : JsonConverter<Role>
{
    /// <inheritdoc/>
    public override Role Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        (reader.TokenType == JsonTokenType.String ? reader.GetString() : null) switch
        {
            "viewer" => Role.Viewer,
            "downloader" => Role.Downloader,
            "uploader" => Role.Uploader,
            "owner" => Role.Owner,
            _ => throw new JsonException(),
        };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Role value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value switch
        {
            Role.Viewer => "viewer",
            Role.Downloader => "downloader",
            Role.Uploader => "uploader",
            Role.Owner => "owner",
            _ => throw new JsonException(),
        });
    }
}
