using CasFunctions.Backends;
using CasFunctions.Organizations;
using CasFunctions.Telemetry;

namespace CasFunctions.Notifications;

/// <summary>
/// Sends the notices that wait on backends' rows. What the mail service takes or refuses for good is written back to the row; the rest is
/// tried again when the backend is checked next.
/// </summary>
public sealed class NoticeDelivery(
    BackendStore backends, OrganizationStore organizations, OwnerNotifier notifier, CasMetrics metrics, TimeProvider time)
{
    /// <summary>Sends what a backend's owners have still to be told.</summary>
    /// <returns>The backend as it is afterwards.</returns>
    public async Task<Backend> DeliverAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var waiting = backend.Notices.Where(notice => notice.DoneAt is null).ToList();
        if (waiting.Count == 0)
        {
            return backend;
        }

        var owners = (await organizations.FindAsync(backend.Organization, cancellationToken))?.Owners ?? [];
        var set = await backends.ReadFreshAsync(backend.Organization, cancellationToken);
        foreach (var notice in waiting)
        {
            var told = notice.Delivered.Concat(notice.Refused.Select(mail => mail.Owner));
            var left = owners.Except(told, StringComparer.OrdinalIgnoreCase).ToList();
            var results = await notifier.SendAsync(Describe(notice, backend, set), left, cancellationToken);
            foreach (var result in results)
            {
                metrics.Mailed(result.Outcome);
            }

            backend = await backends.ChangeAsync(
                backend.Organization, backend.Name, current => Note(current, notice, results), cancellationToken) ?? backend;
        }

        return backend;
    }

    private static BackendNotice Describe(OwnerNotice notice, Backend backend, BackendSet set) => new()
    {
        Kind = notice.Kind,
        Organization = backend.Organization,
        Backend = backend.Name,
        Provider = backend.Provider,
        Location = backend.Location,
        Role = backend.Name == set.Default ? BackendRole.Default : backend.Name == set.Fallback ? BackendRole.Fallback : BackendRole.None,
        Reason = notice.Reason,
        Since = notice.Since,
        At = notice.At,
        UploadsGoTo = new[] { set.Default, set.Fallback }.FirstOrDefault(name => set.Find(name) is { TakesUploads: true }),
        Digest = notice.Digest,
        ArtifactName = notice.ArtifactName,
    };

    /// <summary>Writes results into the notice; null when it is gone.</summary>
    private Backend? Note(Backend backend, OwnerNotice notice, IReadOnlyList<OwnerMailResult> results)
    {
        var notices = backend.Notices.ToList();
        var at = notices.FindIndex(notice.IsSameEvent);
        if (at < 0)
        {
            return null;
        }

        var known = notices[at];
        var delivered = results.Where(result => result.Outcome == MailOutcome.Delivered).Select(result => result.Owner);
        var refused = results
            .Where(result => result.Outcome == MailOutcome.Refused)
            .Select(result => new RefusedMail(result.Owner, result.Reason ?? ""));
        notices[at] = known with
        {
            Delivered = [.. known.Delivered.Union(delivered, StringComparer.OrdinalIgnoreCase)],
            Refused = [.. known.Refused.UnionBy(refused, mail => mail.Owner, StringComparer.OrdinalIgnoreCase)],
            DoneAt = results.Any(result => result.Outcome == MailOutcome.Retry) ? null : time.GetUtcNow(),
        };
        return backend with { Notices = notices };
    }
}
