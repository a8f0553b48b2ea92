using System.Text.Json.Serialization;
using Azure;

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

    /// <summary>
    /// When it was deleted while it held nothing. It is shown nowhere and kept for a day, so that uploads that were under way stay
    /// readable.
    /// </summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>When it is to be checked next; null when it is not on the schedule.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>What the owners have to be told, or were told last; the oldest first.</summary>
    public IReadOnlyList<OwnerNotice> Notices { get; init; } = [];

    /// <summary>The row's version; default for a backend that is not stored yet.</summary>
    public ETag ETag { get; init; }

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
