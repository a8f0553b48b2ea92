using System.Collections.Concurrent;
using CasFunctions.Http;
using CasFunctions.Uploads.Appends;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads;

/// <summary>
/// Ends sessions that have expired, and removes their rows and what they left behind. Committed sessions stay for a while, so that a
/// repeated request gets the same answer. What one run does not manage, or two runs do at once, the next run finds again.
/// </summary>
public sealed partial class SessionSweeper(
    SessionStore sessions,
    SessionExpiry expiry,
    SessionAccess access,
    ContentStore contents,
    UploadCompletion completion,
    UploadLeftovers leftovers,
    StagingArea staging,
    IOptions<UploadOptions> options,
    TimeProvider time,
    ILogger<SessionSweeper> logger)
{
    /// <summary>How many sessions are swept at once: one whose backend is slow to let go of its parts is not waited for.</summary>
    private const int AtOnce = 8;

    /// <summary>How long after its first look the sweeper looks again where a backend did not let go of its parts.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromHours(6);

    /// <summary>How long after a session's expiry the sweeper gives up: credentials may lack the right for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(7);

    /// <summary>Sweeps all sessions that are due.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var down = new ConcurrentDictionary<(string Organization, string Backend), bool>();
        await Parallel.ForEachAsync(
            expiry.DueAsync(time.GetUtcNow(), cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (due, token) =>
            {
                try
                {
                    await SweepAsync(due, down, token);
                }
                catch (Exception failure) when (!token.IsCancellationRequested)
                {
                    // Whatever is wrong with one session, the others are swept.
                    LogNotSwept(logger, failure);
                }
            });
    }

    /// <param name="due">The session.</param>
    /// <param name="down">Backends that failed in this run: each is waited for once, however many sessions have parts there.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    private async Task SweepAsync(
        ExpiringSession due, ConcurrentDictionary<(string Organization, string Backend), bool> down, CancellationToken cancellationToken)
    {
        var session = await sessions.FindByHashAsync(due.IdHash, cancellationToken);
        if (session is null)
        {
            await staging.RemoveAllAsync(due.IdHash, cancellationToken);
            await expiry.RemoveAsync(due, cancellationToken);
            return;
        }

        var now = time.GetUtcNow();
        if (session.Status == UploadStatus.Committing && session.ExpiresAt <= now)
        {
            if (await FinishAsync(session, cancellationToken) is { } settled)
            {
                session = settled;
            }
            else if (now < session.ExpiresAt + Patience)
            {
                // Its content may be at the backend, proven: ended, it would never be found.
                await expiry.MoveAsync(due, now + Again, cancellationToken);
                return;
            }
        }

        if (session.ExpiresAt > now)
        {
            await expiry.MoveAsync(due, session.ExpiresAt, cancellationToken);
            return;
        }

        // Ended first, so that an append that still runs fails at its next write.
        if (session.Status is UploadStatus.Open or UploadStatus.Committing)
        {
            session = await leftovers.CloseAsync(session, "The session has expired.", cancellationToken);
            if (session is null)
            {
                return;
            }
        }

        await staging.RemoveAllAsync(due.IdHash, cancellationToken);
        var backend = (session.Organization, session.Backend);
        var isGone = false;
        if (!down.ContainsKey(backend))
        {
            isGone = await leftovers.RemoveAbandonedAsync(session, now - options.Value.SessionLifetime, cancellationToken);
            if (!isGone)
            {
                down.TryAdd(backend, true);
            }

            isGone &= await leftovers.RemoveAsync(session, cancellationToken);
        }

        if (!isGone && now < session.ExpiresAt + Patience)
        {
            // The row is all that tells of the parts.
            await expiry.MoveAsync(due, now + Again, cancellationToken);
        }
        else if (await sessions.TryRemoveAsync(session, cancellationToken))
        {
            await expiry.RemoveAsync(due, cancellationToken);
        }
    }

    /// <summary>Closes a session whose commit nobody saw end, when the store shows that it did.</summary>
    /// <returns>The session as it is then; null when the store can't tell.</returns>
    private async Task<UploadSession?> FinishAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ContentToStore content;
        try
        {
            content = await access.DescribeAsync(session, "", cancellationToken);
        }
        catch (ProblemException gone) when (gone.Status == StatusCodes.Status410Gone)
        {
            return session;
        }

        var commit = await contents.FinishLostCommitAsync(content, session.Backend, cancellationToken);
        return commit switch
        {
            { Descriptor: { } descriptor } => (await completion.CloseAsync(session, descriptor, cancellationToken)).Session,
            { IsKnown: true } => session,
            _ => null,
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An expired upload session could not be removed; the next run tries again")]
    private static partial void LogNotSwept(ILogger logger, Exception failure);
}
