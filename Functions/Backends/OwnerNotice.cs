using CasFunctions.Notifications;

namespace CasFunctions.Backends;

/// <summary>
/// Something that an organization's owners have to be told of a backend. It is written together with what it tells, and kept until every
/// owner's mail was taken or refused for good.
/// </summary>
public sealed record OwnerNotice
{
    /// <summary>What happened.</summary>
    public required NoticeKind Kind { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What the backend said, in plain words; null for a recovery.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when the backend was as it was before.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The digest of the content that was found altered; null for other kinds.</summary>
    public string? Digest { get; init; }

    /// <summary>A name of that content; null when it has none, and for other kinds. Not trusted.</summary>
    public string? ArtifactName { get; init; }

    /// <summary>The owners whose mail was taken.</summary>
    public IReadOnlyList<string> Delivered { get; init; } = [];

    /// <summary>The owners whose mail was refused for good, and why.</summary>
    public IReadOnlyList<RefusedMail> Refused { get; init; } = [];

    /// <summary>When nothing was left to do; null while somebody has to be told.</summary>
    public DateTimeOffset? DoneAt { get; init; }

    /// <summary>True when two notices tell of the same event.</summary>
    public bool IsSameEvent(OwnerNotice other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Kind == other.Kind && At == other.At;
    }
}

/// <summary>A mail that will never arrive.</summary>
/// <param name="Owner">Whose mail it was.</param>
/// <param name="Reason">What the mail service said.</param>
public sealed record RefusedMail(string Owner, string Reason);
