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

    /// <summary>
    /// Ends a session and removes its parts, which the sweeper repeats if that fails; nothing happens when another request has changed it
    /// since it was read.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="reason">Why, as a sentence for the client; null when it was cancelled.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The ended session; null when another request has changed it.</returns>
    public async Task<UploadSession?> EndAsync(UploadSession session, string? reason, CancellationToken cancellationToken)
    {
        var ended = await CloseAsync(session, reason, cancellationToken);
        if (ended is not null)
        {
            await RemoveAsync(ended, cancellationToken);
        }

        return ended;
    }

    /// <summary>Ends a session, and leaves its parts to a later <see cref="RemoveAsync"/>.</summary>
    /// <inheritdoc cref="EndAsync"/>
    public Task<UploadSession?> CloseAsync(UploadSession session, string? reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return sessions.TryChangeAsync(
            session with { Status = UploadStatus.Ended, EndReason = reason, Epoch = session.Epoch + 1, AppendOpen = false },
            cancellationToken);
    }

    /// <summary>Removes what a session left at its backend and in the service's own storage.</summary>
    /// <returns>False when parts may still be at the backend. Credentials need not have the right to drop them.</returns>
    public async Task<bool> RemoveAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var isGone = session is not { UploadId.Length: > 0, Staged: false } || await AtBackendAsync(
            session,
            async (store, token) =>
            {
                await using var upload = await store.OpenUploadAsync(SessionAccess.BlobOf(session), session.UploadId, token);
                return await upload.AbortAsync(token);
            },
            cancellationToken);
        if (session.AdvancedAt is not null)
        {
            await RemoveStagedAsync(session.IdHash, cancellationToken);
        }

        return isGone;
    }

    /// <summary>
    /// Removes what uploads to a session's backend left that no row tells of: those of instances that died at the wrong moment.
    /// </summary>
    /// <param name="session">An expired session.</param>
    /// <param name="before">Only what was begun before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when some may still be there, and a later call may remove them.</returns>
    public Task<bool> RemoveAbandonedAsync(UploadSession session, DateTimeOffset before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return AtBackendAsync(
            session,
            async (store, token) =>
            {
                await store.DropAbandonedAsync(session.Digest, before, token);
                return true;
            },
            cancellationToken);
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

    /// <summary>Makes a call to a session's backend, unless it is no more or lets go of parts by itself.</summary>
    /// <returns>What the call returned, true where there was none, and false where it failed.</returns>
    private async Task<bool> AtBackendAsync(
        UploadSession session, Func<IBlobStore, CancellationToken, Task<bool>> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AbortTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var set = await backends.ReadAsync(session.Organization, either.Token);
            return set.Find(session.Backend) is not { } backend
                || !connections.KeepsAbandoned(backend)
                || await call(await connections.OpenAsync(backend, either.Token), either.Token);
        }
        catch (Exception failure) when (
            failure is ProviderException or SecretStoreException
            || (failure is OperationCanceledException && timeout.IsCancellationRequested))
        {
            LogPartsStay(logger, session.Backend, failure);
            return false;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The parts of an ended upload could not be dropped at backend {Backend}; the sweeper tries again for a week")]
    private static partial void LogPartsStay(ILogger logger, string backend, Exception failure);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "What an upload session kept in the service's own storage could not be removed; the sweeper tries again")]
    private static partial void LogStagedStays(ILogger logger, Exception failure);
}
