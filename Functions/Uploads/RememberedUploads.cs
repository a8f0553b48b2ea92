using System.Buffers;
using Azure;
using CasFunctions.Backends;
using CasFunctions.Providers;
using CasFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads;

/// <summary>
/// Opens uploads in parts that begin and end within one request. Where a store would keep the parts of one that nobody ends, the sweeper
/// is told of it before it is opened, by the row of an ended session whose id nobody knows. The row goes when the upload has ended. When
/// the instance dies before that, the row expires and the sweeper drops the parts. Such rows also tell of what a session may leave at
/// two backends when it turns from one to the other.
/// </summary>
public sealed partial class RememberedUploads(
    SessionStore sessions,
    BackendConnections connections,
    IOptions<UploadOptions> options,
    TimeProvider time,
    ILogger<RememberedUploads> logger)
{
    /// <summary>
    /// How much longer than a session a row lives. The sweeper drops uploads that are older than a session can be, by the store's clock,
    /// and looks only once: by then the upload has to be that old, however late it was opened and whatever the store's clock says.
    /// </summary>
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    private static readonly TimeSpan ForgetTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Opens an upload that is not known to any session's row by its id.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="store">The backend as it was opened.</param>
    /// <param name="blob">What will be stored.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProviderException">The store failed. The row stays: it may have opened the upload all the same.</exception>
    /// <exception cref="RequestFailedException">The row could not be written; nothing was opened.</exception>
    public async Task<IBlobUpload> OpenAsync(
        Backend backend, IBlobStore store, BlobDescriptor blob, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(blob);
        if (!connections.KeepsAbandoned(backend))
        {
            return await store.OpenUploadAsync(blob, null, cancellationToken);
        }

        var reminder = ReminderOf(backend.Organization, backend.Name, blob);
        await sessions.AddAsync(reminder, cancellationToken);
        var upload = await store.OpenUploadAsync(blob, null, cancellationToken);
        return new RememberedUpload(upload, () => ForgetAsync(reminder));
    }

    /// <summary>Remembers what a session may have open at its backend, where its own row may come to name another.</summary>
    /// <exception cref="RequestFailedException">The row could not be written.</exception>
    public Task RemindAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var reminder = ReminderOf(session.Organization, session.Backend, SessionAccess.BlobOf(session));
        return sessions.AddAsync(reminder, cancellationToken);
    }

    private UploadSession ReminderOf(string organization, string backend, BlobDescriptor blob)
    {
        var now = time.GetUtcNow();
        return new UploadSession
        {
            IdHash = SessionStore.HashOf(SessionStore.NewId()),
            Organization = organization,
            Digest = blob.Digest,
            Size = blob.Size,
            Backend = backend,
            BackendReason = "reminder",
            Nonce = blob.Nonce,
            Status = UploadStatus.Ended,
            CreatedBy = "service",
            CreatedAt = now,
            ExpiresAt = now + options.Value.SessionLifetime + Margin,
        };
    }

    /// <summary>Removes a row, also for a client that has gone. One that stays costs the sweeper a look at the store.</summary>
    private async Task ForgetAsync(UploadSession reminder)
    {
        using var timeout = new CancellationTokenSource(ForgetTimeout, time);
        try
        {
            await sessions.RemoveAsync(reminder, timeout.Token);
        }
        catch (Exception failure) when (
            failure is RequestFailedException or OperationCanceledException || AppStorage.IsUnavailable(failure))
        {
            LogReminderStays(logger, failure);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The row of an upload that has ended could not be removed; the sweeper removes it when it has expired")]
    private static partial void LogReminderStays(ILogger logger, Exception failure);

    /// <summary>An upload that is forgotten when nothing of it can be left at the store but committed content.</summary>
    private sealed class RememberedUpload(IBlobUpload upload, Func<Task> forget) : IBlobUpload
    {
        public string UploadId => upload.UploadId;

        public int MaxPartsInFlight => upload.MaxPartsInFlight;

        public bool CanResume => upload.CanResume;

        public Task<string> WritePartAsync(int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
            upload.WritePartAsync(number, content, cancellationToken);

        public async Task<CommitOutcome> CommitAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
        {
            var outcome = await upload.CommitAsync(tags, cancellationToken);
            if (outcome == CommitOutcome.Committed)
            {
                await forget();
            }

            return outcome;
        }

        public async Task<bool> AbortAsync(CancellationToken cancellationToken)
        {
            var isGone = await upload.AbortAsync(cancellationToken);
            if (isGone)
            {
                await forget();
            }

            return isGone;
        }

        public ValueTask DisposeAsync() => upload.DisposeAsync();
    }
}
