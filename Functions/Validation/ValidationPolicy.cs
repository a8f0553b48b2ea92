using CasFunctions.Backends;
using CasFunctions.Notifications;

namespace CasFunctions.Validation;

/// <summary>
/// Decides what a check means: which status a backend gets, whether its owners are told, and when it is checked next. Knows no store and no
/// clock.
/// </summary>
public static class ValidationPolicy
{
    /// <summary>Notices that a backend's row keeps; the oldest that are done go.</summary>
    private const int MaxNotices = 10;

    /// <summary>Time between two checks of a healthy backend.</summary>
    public static readonly TimeSpan HealthyInterval = TimeSpan.FromMinutes(30);

    /// <summary>Time between two checks of a backend that is not, or whose owners have still to be told.</summary>
    public static readonly TimeSpan TroubledInterval = TimeSpan.FromMinutes(5);

    /// <summary>Applies a check's result.</summary>
    /// <remarks>A refusal makes a backend invalid at once. A failure makes it suspect, and the second in a row invalid.</remarks>
    /// <param name="backend">The backend as it was.</param>
    /// <param name="result">What the check found.</param>
    /// <param name="watched">True for a default or fallback: its owners are told, and it is checked again.</param>
    /// <param name="now">When the check ended.</param>
    public static Backend Apply(Backend backend, ProbeResult result, bool watched, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(result);
        var status = (result.Outcome, backend.Status) switch
        {
            (ProbeOutcome.Passed, _) => BackendStatus.Healthy,
            (ProbeOutcome.Refused, _) => BackendStatus.Invalid,
            (ProbeOutcome.Failed, BackendStatus.Healthy) => BackendStatus.Suspect,
            (ProbeOutcome.Failed, _) => BackendStatus.Invalid,
            _ => backend.Status,
        };
        var changed = status != backend.Status;
        var after = backend with
        {
            Status = status,
            StatusReason = result.Outcome switch
            {
                ProbeOutcome.Passed => null,
                ProbeOutcome.Inconclusive => backend.StatusReason,
                _ => result.Reason,
            },
            StatusSince = changed ? now : backend.StatusSince,
            CheckedAt = result.Outcome == ProbeOutcome.Inconclusive ? backend.CheckedAt : now,
        };
        NoticeKind? notice = (backend.Status, status) switch
        {
            (not BackendStatus.Invalid, BackendStatus.Invalid) => NoticeKind.Invalid,
            (BackendStatus.Invalid, BackendStatus.Healthy) => NoticeKind.Recovered,
            _ => null,
        };
        if (!watched)
        {
            return after with { DueAt = null };
        }

        if (notice is { } kind)
        {
            after = AddNotice(after, new OwnerNotice { Kind = kind, At = now, Since = backend.StatusSince, Reason = after.StatusReason });
        }

        return after with { DueAt = NextCheck(after, now) };
    }

    /// <summary>What a failed transfer makes of a backend: suspect when it was healthy, and due at once.</summary>
    public static Backend Doubt(Backend backend, string reason, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return backend.Status == BackendStatus.Healthy
            ? backend with { Status = BackendStatus.Suspect, StatusReason = reason, StatusSince = now, DueAt = now }
            : backend with { DueAt = now };
    }

    /// <summary>Adds a notice, dropping the oldest that are done when there are many.</summary>
    public static Backend AddNotice(Backend backend, OwnerNotice notice)
    {
        ArgumentNullException.ThrowIfNull(backend);
        List<OwnerNotice> notices = [.. backend.Notices, notice];
        while (notices.Count > MaxNotices)
        {
            var done = notices.FindIndex(old => old.DoneAt is not null);
            notices.RemoveAt(Math.Max(done, 0));
        }

        return backend with { Notices = notices };
    }

    /// <summary>When a backend is to be checked next.</summary>
    public static DateTimeOffset NextCheck(Backend backend, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var quiet = backend.Status == BackendStatus.Healthy && backend.Notices.All(notice => notice.DoneAt is not null);
        return now + (quiet ? HealthyInterval : TroubledInterval);
    }
}
