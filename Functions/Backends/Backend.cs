using System.Text.Json.Serialization;

namespace CasFunctions.Backends;

/// <summary>An organization's storage backend, without its credentials.</summary>
public sealed record Backend
{
    /// <summary>The organization that owns it.</summary>
    public required string Organization { get; init; }

    /// <summary>A DNS-1123 label, never changed.</summary>
    public required string Name { get; init; }

    /// <summary>The provider's name, never changed.</summary>
    public required string Provider { get; init; }

    /// <summary>Where it is, for people; never changed.</summary>
    public required string Location { get; init; }

    /// <summary>The provider's settings as it stored them, a JSON document without secrets.</summary>
    public required string Settings { get; init; }

    /// <summary>The secret's name in the secret store; null where the provider needs none.</summary>
    public string? SecretName { get; init; }

    /// <summary>The secret's current version.</summary>
    public string? SecretVersion { get; init; }

    /// <summary>What the owner says of it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Largest content that it takes, in bytes.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>What the last checks found.</summary>
    public BackendStatus Status { get; init; }

    /// <summary>Why it is not healthy, in plain words; null when it is.</summary>
    public string? StatusReason { get; init; }

    /// <summary>Since when it has this status.</summary>
    public DateTimeOffset StatusSince { get; init; }

    /// <summary>When it was last checked.</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was deleted while it still held artifacts: it takes no uploads, but stays readable.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>True when new content may go there.</summary>
    public bool TakesUploads => ArchivedAt is null && Status != BackendStatus.Invalid;
}

/// <summary>What is known of a backend's condition.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BackendStatus>))]
public enum BackendStatus
{
    /// <summary>The last check found it in order.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>It failed once in a way that may pass by itself.</summary>
    [JsonStringEnumMemberName("suspect")]
    Suspect,

    /// <summary>It can't be used.</summary>
    [JsonStringEnumMemberName("invalid")]
    Invalid,
}

/// <summary>All backends of an organization and which of them are selected, as one read found them.</summary>
/// <param name="Backends">The backends, by name.</param>
/// <param name="Default">The name of the default backend; null when there is none.</param>
/// <param name="Fallback">The name of the fallback backend; null when there is none. Never the default.</param>
public sealed record BackendSet(IReadOnlyDictionary<string, Backend> Backends, string? Default, string? Fallback)
{
    /// <summary>The named backend, or null.</summary>
    public Backend? Find(string? name) => name is not null && Backends.TryGetValue(name, out var backend) ? backend : null;

    /// <summary>The backends that can be read from, the default first, the fallback second, broken ones last.</summary>
    public IEnumerable<Backend> InReadingOrder() => Backends.Values
        .OrderBy(backend => backend.Status == BackendStatus.Invalid)
        .ThenByDescending(backend => backend.Name == Default)
        .ThenByDescending(backend => backend.Name == Fallback)
        .ThenBy(backend => backend.Name, StringComparer.Ordinal);
}
