using System.Text.Json.Serialization;

namespace CasFunctions.Notifications;

/// <summary>One thing about a backend that an organization's owners have to hear of.</summary>
public sealed record BackendNotice
{
    /// <summary>What happened.</summary>
    public required NoticeKind Kind { get; init; }

    /// <summary>The organization whose owners are told.</summary>
    public required string Organization { get; init; }

    /// <summary>The backend's name.</summary>
    public required string Backend { get; init; }

    /// <summary>The provider's name, such as <c>oci</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Where the backend is. Text of a tenant, not trusted.</summary>
    public required string Location { get; init; }

    /// <summary>What the backend was selected for when it happened.</summary>
    public BackendRole Role { get; init; }

    /// <summary>The provider's own words, without secrets; null when there are none. Not trusted.</summary>
    public string? Reason { get; init; }

    /// <summary>When the trouble began; for a recovery the trouble that is over.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When this was found.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the backend that takes new uploads now; null when they fail.</summary>
    public string? UploadsGoTo { get; init; }

    /// <summary>For <see cref="NoticeKind.ContentCorrupt"/> the digest that the content should have, as <c>sha256:…</c>.</summary>
    public string? Digest { get; init; }

    /// <summary>For <see cref="NoticeKind.ContentCorrupt"/> a name of that artifact, if it has one. Not trusted.</summary>
    public string? ArtifactName { get; init; }
}

/// <summary>The kinds of notices.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NoticeKind>))]
public enum NoticeKind
{
    /// <summary>The backend can't be used any more.</summary>
    [JsonStringEnumMemberName("invalid")]
    Invalid,

    /// <summary>The backend can be used again.</summary>
    [JsonStringEnumMemberName("recovered")]
    Recovered,

    /// <summary>A copy on the backend doesn't have the digest it was stored under any more, or is gone.</summary>
    [JsonStringEnumMemberName("contentCorrupt")]
    ContentCorrupt,
}

/// <summary>What a backend is selected for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BackendRole>))]
public enum BackendRole
{
    /// <summary>For nothing: it is used when a client names it.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>It takes new uploads.</summary>
    [JsonStringEnumMemberName("default")]
    Default,

    /// <summary>It takes new uploads when the default can't.</summary>
    [JsonStringEnumMemberName("fallback")]
    Fallback,
}
