using System.Text.Json.Serialization;

namespace CasFunctions.Security;

/// <summary>What a token's holder may do.</summary>
[JsonConverter(typeof(RoleConverter))]
public enum Role
{
    /// <summary>Sees what is stored and where, but no content.</summary>
    [JsonStringEnumMemberName("viewer")]
    Viewer,

    /// <summary>A viewer who may also read content.</summary>
    [JsonStringEnumMemberName("downloader")]
    Downloader,

    /// <summary>A viewer who may also store content, but not read it.</summary>
    [JsonStringEnumMemberName("uploader")]
    Uploader,

    /// <summary>May do everything in the organization.</summary>
    [JsonStringEnumMemberName("owner")]
    Owner,
}

/// <summary>Reads and writes roles by name only; a number would be taken for a role, whether there is one or not.</summary>
public sealed class RoleConverter() : JsonStringEnumConverter<Role>(namingPolicy: null, allowIntegerValues: false);
