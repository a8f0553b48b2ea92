using CasFunctions.Artifacts;
using CasFunctions.Audit;
using CasFunctions.Http;
using CasFunctions.Providers.Inline;
using CasFunctions.Secrets;
using CasFunctions.Security;

namespace CasFunctions.Backends;

/// <summary>
/// Deletes backends. One that holds artifacts is archived: it takes no uploads and stays readable, until it is purged by force.
/// </summary>
public sealed class BackendRemoval(BackendStore store, ArtifactIndex index, ISecretStore secrets, BackendAudit audit, TimeProvider time)
{
    /// <summary>Counting ends here: the answer says "at least".</summary>
    private const int CountLimit = 10_000;

    /// <summary>Artifacts that one request forgets at most.</summary>
    private const int PurgeLimit = 5_000;

    /// <summary>How long a deleted backend is kept for uploads that were under way: longer than any session lives.</summary>
    private static readonly TimeSpan KeepTime = TimeSpan.FromHours(26);

    /// <summary>Deletes a backend.</summary>
    /// <param name="caller">Who asks for it.</param>
    /// <param name="name">The backend's name.</param>
    /// <param name="purge">True to forget the artifacts that it holds. What is in the store itself stays there.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">There is no such backend, or it can't be deleted.</exception>
    public async Task<BackendRemovalDocument> RemoveAsync(Caller caller, string name, bool purge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var organization = caller.Organization;
        var found = await store.FindAsync(organization, name, cancellationToken);
        if (found is null || (found.DeletedAt is not null && !purge))
        {
            throw Problems.NotFound("backend");
        }

        if (found.Provider == InlineProvider.KindName)
        {
            throw new ProblemException(
                409, "inline-backend", "The inline backend can't be deleted", "Every organization has its inline backend.");
        }

        var backend = await ArchiveAsync(organization, name, cancellationToken);
        var action = purge ? AuditActions.BackendPurged : AuditActions.BackendDeleted;
        await audit.RecordAsync(caller.Identity, backend, action, null, cancellationToken);
        if (purge)
        {
            return await PurgeAsync(backend, cancellationToken);
        }

        var held = await index.CountAsync(organization, name, CountLimit, cancellationToken);
        if (held == 0)
        {
            await store.ChangeAsync(
                organization, name, current => current with { DeletedAt = current.DeletedAt ?? time.GetUtcNow() }, cancellationToken);
        }

        return new(name, Deleted: held == 0, Archived: held > 0, Artifacts: held, AtLeast: held == CountLimit);
    }

    /// <summary>Removes what was deleted a while ago. A backend that got artifacts after all comes back as archived.</summary>
    public async Task ForgetDeletedAsync(CancellationToken cancellationToken)
    {
        await foreach (var backend in store.ListDeletedAsync(time.GetUtcNow() - KeepTime, cancellationToken))
        {
            if (await index.CountAsync(backend.Organization, backend.Name, 1, cancellationToken) > 0)
            {
                await store.TryChangeAsync(backend with { DeletedAt = null }, cancellationToken);
            }
            else
            {
                await ForgetAsync(backend, cancellationToken);
            }
        }
    }

    /// <summary>Marks the row first and takes the backend out of the selection then: see <see cref="BackendStore.SelectAsync"/>.</summary>
    private async Task<Backend> ArchiveAsync(string organization, string name, CancellationToken cancellationToken)
    {
        var archived = await store.ChangeAsync(
            organization,
            name,
            current => current with { ArchivedAt = current.ArchivedAt ?? time.GetUtcNow(), DueAt = null },
            cancellationToken);
        await store.SelectAsync(organization, set => set.Selection.Without(name), cancellationToken);
        return archived ?? throw Problems.NotFound("backend");
    }

    private async Task<BackendRemovalDocument> PurgeAsync(Backend backend, CancellationToken cancellationToken)
    {
        var forgotten = await index.ForgetAsync(backend.Organization, backend.Name, PurgeLimit, cancellationToken);
        var rest = await index.CountAsync(backend.Organization, backend.Name, CountLimit, cancellationToken);
        if (rest == 0)
        {
            await ForgetAsync(backend, cancellationToken);
        }

        return new(backend.Name, Deleted: rest == 0, Archived: rest > 0, Artifacts: rest, AtLeast: rest == CountLimit)
        {
            Purged = forgotten,
        };
    }

    /// <summary>
    /// Deletes the secret first: a row without its secret can be purged again, a secret without a row would never be found.
    /// </summary>
    private async Task ForgetAsync(Backend backend, CancellationToken cancellationToken)
    {
        if (backend.SecretName is { } secret)
        {
            await secrets.DeleteAsync(secret, cancellationToken);
        }

        await store.RemoveAsync(backend, cancellationToken);
    }
}
