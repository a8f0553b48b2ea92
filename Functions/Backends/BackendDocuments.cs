using System.Text;
using System.Text.Json;

namespace CasFunctions.Backends;

/// <summary>A request to add a backend.</summary>
public sealed record NewBackend
{
    /// <summary>A DNS-1123 label.</summary>
    public required string Name { get; init; }

    /// <summary><c>azure-blob</c>, <c>aws-s3</c> or <c>oci</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>What the owner says of it.</summary>
    public string? Description { get; init; }

    /// <summary>Largest content in bytes; 100 MiB unless told.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>True to make it the default at once.</summary>
    public bool? Default { get; init; }

    /// <summary>Where it is; the members depend on the provider.</summary>
    public required JsonElement Settings { get; init; }

    /// <summary>How it is reached; the members depend on the provider.</summary>
    public JsonElement? Credentials { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Name = ").Append(Name).Append(", Provider = ").Append(Provider);
        return true;
    }
}

/// <summary>A request to change a backend; what is absent stays.</summary>
public sealed record BackendChange
{
    /// <summary>True to make it the default.</summary>
    public bool? Default { get; init; }
}

/// <summary>A backend as the API shows it.</summary>
public sealed record BackendDocument
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its provider.</summary>
    public required string Provider { get; init; }

    /// <summary>Where it is.</summary>
    public required string Location { get; init; }

    /// <summary>What the owner says of it.</summary>
    public required string Description { get; init; }

    /// <summary>Largest content in bytes.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>Whether it is the default.</summary>
    public required bool Default { get; init; }

    /// <summary>Whether it is the fallback.</summary>
    public required bool Fallback { get; init; }

    /// <summary>What the last checks found.</summary>
    public required BackendStatus Status { get; init; }

    /// <summary>Why it is not healthy.</summary>
    public string? StatusReason { get; init; }

    /// <summary>Since when it has this status.</summary>
    public required DateTimeOffset StatusSince { get; init; }

    /// <summary>When it was last checked.</summary>
    public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was archived.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>Shows a backend.</summary>
    public static BackendDocument From(Backend backend, BackendSet set)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(set);
        return new()
        {
            Name = backend.Name,
            Provider = backend.Provider,
            Location = backend.Location,
            Description = backend.Description,
            MaxBytes = backend.MaxBytes,
            Default = set.Default == backend.Name,
            Fallback = set.Fallback == backend.Name,
            Status = backend.Status,
            StatusReason = backend.StatusReason,
            StatusSince = backend.StatusSince,
            CheckedAt = backend.CheckedAt,
            CreatedAt = backend.CreatedAt,
            ArchivedAt = backend.ArchivedAt,
        };
    }
}

/// <summary>An organization's backends.</summary>
/// <param name="Backends">The backends, by name.</param>
public sealed record BackendList(IReadOnlyList<BackendDocument> Backends);
