using Azure;
using CasFunctions.Backends;
using CasFunctions.Providers;
using CasFunctions.Secrets;
using CasFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Uploads.Appends;

/// <summary>Ends sessions for good, and removes what ended ones left at their backends and in the service's own storage.</summary>
public sealed partial class UploadLeftovers(
    SessionStore sessions,
    BackendStore backends,
    BackendConnections connections,
    StagingArea staging,
    TimeProvider time,
    ILogger<UploadLeftovers> logger)
{
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Ends a session and removes its parts; nothing happens when another request has changed it since it was read.</summary>
    /// <param name="session">The session.</param>
    /// <param name="reason">Why, as a sentence for the client; null when it was cancelled.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The ended session; null when another request has changed it.</returns>
    public async Task<UploadSession?> EndAsync(UploadSession session, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var ended = await sessions.TryChangeAsync(
            session with { Status = UploadStatus.Ended, EndReason = reason, Epoch = session.Epoch + 1, AppendOpen = false },
            cancellationToken);
        if (ended is not null)
        {
            await RemoveAsync(ended, cancellationToken);
        }

        return ended;
    }

    /// <summary>
    /// Removes what a session left, as far as the stores let us: credentials need not have the right to drop parts, and what stays is
    /// collected by the store.
    /// </summary>
    public async Task RemoveAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session is { UploadId.Length: > 0, Staged: false })
        {
            await AtBackendAsync(
                session,
                async (store, token) =>
                {
                    await using var upload = await store.OpenUploadAsync(SessionAccess.BlobOf(session), session.UploadId, token);
                    await upload.AbortAsync(token);
                },
                cancellationToken);
        }

        if (session.AdvancedAt is not null)
        {
            await RemoveStagedAsync(session.IdHash, cancellationToken);
        }
    }

    /// <summary>
    /// Removes what uploads to a session's backend left that no row tells of: those of instances that died at the wrong moment.
    /// </summary>
    /// <param name="session">An expired session.</param>
    /// <param name="before">Only what was begun before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task RemoveAbandonedAsync(UploadSession session, DateTimeOffset before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return AtBackendAsync(session, (store, token) => store.DropAbandonedAsync(session.Digest, before, token), cancellationToken);
    }

    /// <summary>Removes what a session keeps in the service's own storage; the sweeper repeats it if that fails.</summary>
    public async Task RemoveStagedAsync(string idHash, CancellationToken cancellationToken)
    {
        try
        {
            await staging.RemoveAllAsync(idHash, cancellationToken);
        }
        catch (Exception failure) when (failure is RequestFailedException || AppStorage.IsUnavailable(failure))
        {
            LogStagedStays(logger, failure);
        }
    }

    private async Task AtBackendAsync(
        UploadSession session, Func<IBlobStore, CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AbortTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var set = await backends.ReadAsync(session.Organization, either.Token);
            if (set.Find(session.Backend) is { } backend)
            {
                await call(await connections.OpenAsync(backend, either.Token), either.Token);
            }
        }
        catch (Exception failure) when (
            failure is ProviderException or SecretStoreException
            || (failure is OperationCanceledException && timeout.IsCancellationRequested))
        {
            LogPartsStay(logger, session.Backend, failure);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The parts of an ended upload could not be dropped at backend {Backend}; the store collects them in its own time")]
    private static partial void LogPartsStay(ILogger logger, string backend, Exception failure);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "What an upload session kept in the service's own storage could not be removed; the sweeper tries again")]
    private static partial void LogStagedStays(ILogger logger, Exception failure);
}
