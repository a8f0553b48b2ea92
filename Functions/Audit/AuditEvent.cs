namespace CasFunctions.Audit;

/// <summary>Something that someone did, as it goes into the audit log. It holds no secret, ever.</summary>
public sealed record AuditEvent
{
    /// <summary>The actor of what no caller asked for, such as a timer's work.</summary>
    public const string System = "system";

    /// <summary>The organization that it happened in.</summary>
    public required string Organization { get; init; }

    /// <summary>Who did it: a caller's identity, or <see cref="System"/>.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done, one of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: a backend's name, a token's id, a digest.</summary>
    public required string Subject { get; init; }

    /// <summary>More about it in a few short texts; what is longer than 256 characters is cut.</summary>
    public IReadOnlyDictionary<string, string>? Details { get; init; }
}

/// <summary>An event as the API shows it.</summary>
/// <param name="At">When it was recorded.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Action">What was done, one of <see cref="AuditActions"/>.</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="Details">More about it.</param>
public sealed record AuditEntry(
    DateTimeOffset At, string Actor, string Action, string Subject, IReadOnlyDictionary<string, string>? Details);

/// <summary>A page of the audit log.</summary>
/// <param name="Events">The events, the newest first.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last one.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Events, string? Next);
