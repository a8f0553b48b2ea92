using CasFunctions.Backends;
using CasFunctions.Notifications;
using CasFunctions.Providers.Inline;
using CasFunctions.Telemetry;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Validation;

/// <summary>Checks backends, writes what came of it, and has the owners told.</summary>
public sealed partial class BackendValidator(
    BackendStore backends,
    BackendProbe probe,
    ValidationSchedule schedule,
    NoticeDelivery notices,
    BackendAudit audit,
    CasMetrics metrics,
    TimeProvider time,
    ILogger<BackendValidator> logger)
{
    private const int AtOnce = 16;

    /// <summary>Checks a backend now.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="selected">True when it is the default or the fallback.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The backend as it is afterwards; null when it was removed meanwhile.</returns>
    public async Task<Backend?> ValidateAsync(Backend backend, bool selected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return backend.Provider == InlineProvider.KindName
            ? backend
            : await RecordAsync(backend, await probe.RunAsync(backend, cancellationToken), selected, cancellationToken);
    }

    /// <summary>Writes the result of a check. One that was made with credentials that were replaced meanwhile counts for nothing.</summary>
    /// <param name="probed">The backend as it was checked.</param>
    /// <param name="result">What the check found.</param>
    /// <param name="selected">True when it is the default or the fallback.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The backend as it is afterwards; null when it was removed meanwhile.</returns>
    public async Task<Backend?> RecordAsync(Backend probed, ProbeResult result, bool selected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(probed);
        ArgumentNullException.ThrowIfNull(result);
        metrics.Probed(probed, result.Outcome);
        var before = probed.Status;
        var now = time.GetUtcNow();
        var isWritten = false;
        var changed = await backends.ChangeAsync(
            probed.Organization,
            probed.Name,
            current =>
            {
                // The reply to the write may have been lost: the same result counts once.
                if (isWritten && current.CheckedAt == now)
                {
                    return current;
                }

                before = current.Status;
                isWritten = current.SecretVersion == probed.SecretVersion;
                return isWritten ? ValidationPolicy.Apply(current, result, selected, now) : null;
            },
            cancellationToken);
        if (changed is null)
        {
            return await backends.FindAsync(probed.Organization, probed.Name, cancellationToken);
        }

        if (changed.Status != before)
        {
            LogChanged(logger, changed.Name, changed.Organization, before, changed.Status, changed.StatusReason);
            metrics.Changed(changed, before);
            await audit.ConditionChangedAsync(changed, before);
        }

        return await FollowUpAsync(changed, cancellationToken);
    }

    /// <summary>Does what a change of a backend's condition brings with it: enters the next check, and tells the owners.</summary>
    public async Task<Backend> FollowUpAsync(Backend changed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changed);
        await schedule.AddAsync(changed, cancellationToken);
        return await notices.DeliverAsync(changed, cancellationToken);
    }

    /// <summary>Enters the next check of a backend that was selected just now.</summary>
    public async Task WatchAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        if (backend.Provider != InlineProvider.KindName
            && await backends.ChangeAsync(
                backend.Organization,
                backend.Name,
                current => current with { DueAt = ValidationPolicy.NextCheck(current, time.GetUtcNow()) },
                cancellationToken) is { } watched)
        {
            await schedule.AddAsync(watched, cancellationToken);
        }
    }

    /// <summary>Checks all backends that are due, some at a time, so that one that hangs delays no other for long.</summary>
    /// <returns>How many were checked.</returns>
    public async Task<int> ValidateDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var checkedCount = 0;
        var due = await schedule.ListDueAsync(now, cancellationToken).ToListAsync(cancellationToken);
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (check, token) =>
            {
                try
                {
                    if (await ClaimAsync(check, now, token) is { } claimed)
                    {
                        await CheckAsync(claimed.Backend, claimed.Watched, token);
                        Interlocked.Increment(ref checkedCount);
                    }

                    await schedule.RemoveAsync(check, token);
                }
                catch (Exception failure) when (!token.IsCancellationRequested)
                {
                    // Its entry stays, so that the next run takes it up. The others go on.
                    LogFailed(logger, check.Backend, check.Organization, failure);
                }
            });
        return checkedCount;
    }

    /// <summary>Enters selected backends that the schedule has lost, which takes a crash between two writes.</summary>
    public async Task RepairScheduleAsync(CancellationToken cancellationToken)
    {
        var late = time.GetUtcNow() - ValidationPolicy.HealthyInterval;
        await foreach (var (organization, _) in backends.ListSelectionsAsync(cancellationToken))
        {
            var set = await backends.ReadFreshAsync(organization, cancellationToken);
            foreach (var backend in set.Backends.Values.Where(backend => IsWatched(set, backend) && !(backend.DueAt > late)))
            {
                await schedule.AddAsync(organization, backend.Name, time.GetUtcNow(), cancellationToken);
            }
        }
    }

    private static bool IsWatched(BackendSet set, Backend backend) =>
        backend.Provider != InlineProvider.KindName && set.IsSelected(backend.Name);

    private static bool IsWaitingToTell(Backend backend) => backend.Notices.Any(notice => notice.DoneAt is null);

    /// <summary>
    /// Takes a check upon this run: of two runs at once only one succeeds. Should it die, the check is due again in a few minutes.
    /// </summary>
    private async Task<(Backend Backend, bool Watched)?> ClaimAsync(
        ScheduledCheck check, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var set = await backends.ReadFreshAsync(check.Organization, cancellationToken);
        if (set.Find(check.Backend) is not { } backend || !(IsWatched(set, backend) || IsWaitingToTell(backend)))
        {
            return null;
        }

        if (backend.DueAt is { } due && ValidationSchedule.MinuteOf(due).CompareTo(ValidationSchedule.MinuteOf(now)) > 0)
        {
            await schedule.AddAsync(backend, cancellationToken);
            return null;
        }

        var claimed = backend with { DueAt = now + ValidationPolicy.TroubledInterval };
        await schedule.AddAsync(claimed, cancellationToken);
        return await backends.TryChangeAsync(claimed, cancellationToken) is { } taken ? (taken, IsWatched(set, backend)) : null;
    }

    /// <summary>Checks a backend that is selected; of another, only the owners are told what they have still to be told.</summary>
    private async Task CheckAsync(Backend backend, bool watched, CancellationToken cancellationToken)
    {
        if (watched)
        {
            await ValidateAsync(backend, selected: true, cancellationToken);
        }
        else
        {
            await notices.DeliverAsync(backend, cancellationToken);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Backend {Backend} of organization {Organization} was {Before} and is {After}: {Reason}")]
    private static partial void LogChanged(
        ILogger logger, string backend, string organization, BackendStatus before, BackendStatus after, string? reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The check of backend {Backend} of organization {Organization} failed")]
    private static partial void LogFailed(ILogger logger, string backend, string organization, Exception failure);
}
