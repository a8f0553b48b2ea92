using System.Text;
using System.Text.Json;
using CasFunctions.Notifications;
using CasFunctions.Security;

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

    /// <summary>True to make it the fallback at once.</summary>
    public bool? Fallback { get; init; }

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
    /// <summary>What the owner says of it.</summary>
    public string? Description { get; init; }

    /// <summary>Largest content in bytes. What is larger already stays.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>New credentials; the members depend on the provider. They are proven before they replace the old.</summary>
    public JsonElement? Credentials { get; init; }

    /// <summary>True to make it the default, false to take that from it.</summary>
    public bool? Default { get; init; }

    /// <summary>True to make it the fallback, false to take that from it.</summary>
    public bool? Fallback { get; init; }

    /// <summary>With <see cref="Default"/>: true to make the former default the fallback.</summary>
    public bool? Swap { get; init; }

    /// <summary>True to select it although its check fails.</summary>
    public bool? Force { get; init; }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Default = ").Append(Default).Append(", Fallback = ").Append(Fallback);
        return true;
    }
}

/// <summary>What became of a backend that was deleted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Deleted">True when it is gone.</param>
/// <param name="Archived">True when it still holds artifacts: it takes no uploads, and stays readable until it is purged.</param>
/// <param name="Artifacts">How many artifacts it holds.</param>
/// <param name="AtLeast">True when it holds that many or more.</param>
public sealed record BackendRemovalDocument(string Name, bool Deleted, bool Archived, int Artifacts, bool AtLeast)
{
    /// <summary>How many artifacts this request has forgotten; null when it was not asked to.</summary>
    public int? Purged { get; init; }
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

    /// <summary>What its owners were told or have still to be told, the oldest first.</summary>
    public required IReadOnlyList<NoticeDocument> Notices { get; init; }

    /// <summary>Shows a backend.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="set">Tells whether it is selected.</param>
    /// <param name="caller">Who asks: only owners see the other owners' addresses.</param>
    public static BackendDocument From(Backend backend, BackendSet set, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(caller);
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
            Notices = [.. backend.Notices.Select(notice => NoticeDocument.From(notice, caller))],
        };
    }
}

/// <summary>A notice to the owners as the API shows it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="At">When it happened.</param>
/// <param name="Delivered">How many owners' mail was taken.</param>
/// <param name="Pending">True while somebody has to be told.</param>
/// <param name="Refused">The owners whose mail was refused for good, and why; the addresses for owners only.</param>
public sealed record NoticeDocument(NoticeKind Kind, DateTimeOffset At, int Delivered, bool Pending, IReadOnlyList<RefusedMail> Refused)
{
    /// <summary>Shows a notice.</summary>
    public static NoticeDocument From(OwnerNotice notice, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentNullException.ThrowIfNull(caller);
        var refused = caller.Role == Role.Owner ? notice.Refused : [.. notice.Refused.Select(mail => mail with { Owner = "" })];
        return new(notice.Kind, notice.At, notice.Delivered.Count, notice.DoneAt is null, refused);
    }
}

/// <summary>An organization's backends.</summary>
/// <param name="Backends">The backends, by name.</param>
public sealed record BackendList(IReadOnlyList<BackendDocument> Backends);
