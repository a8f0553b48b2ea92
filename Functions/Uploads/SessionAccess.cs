using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Uploads.Appends;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Uploads;

/// <summary>
/// How requests get hold of a session. Each that writes content raises the epoch with a conditional write first: whoever holds an older
/// one fails at its next write to the row.
/// </summary>
public sealed class SessionAccess(
    SessionStore sessions, BackendStore backends, BackendHealth health, RunningAppends running, TimeProvider time)
{
    private const int ChangeTries = 5;

    /// <summary>
    /// How long an append that looks open may take to keep what it got, before it is fenced off. When the client's connection breaks, its
    /// instance notices at about the time at which the client comes back.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>How long a forwarding to a backend may be silent before another request takes it for dead.</summary>
    private static readonly TimeSpan ForwardingPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads a session that can be used or is committed.</summary>
    /// <exception cref="ProblemException">404: there is none; 410: it has ended.</exception>
    public async Task<UploadSession> FindAsync(string id, CancellationToken cancellationToken)
    {
        var session = await sessions.FindAsync(id, cancellationToken) ?? throw Problems.NotFound("upload session");
        return Check(session);
    }

    /// <summary>
    /// Reads a session on which no append runs: one that does is stopped, and what it got counts; one that does not react is fenced off.
    /// </summary>
    /// <exception cref="ProblemException">404, 410; 503 while the content is being forwarded to its backend.</exception>
    public async Task<UploadSession> SettleAsync(string id, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + Patience;
        while (true)
        {
            var session = await FindAsync(id, cancellationToken);
            if (!session.AppendOpen || session.Status == UploadStatus.Committed)
            {
                return session;
            }

            await running.StopAsync(session.IdHash, Patience, time, cancellationToken);
            if (time.GetUtcNow() < deadline)
            {
                await Task.Delay(Pause, time, cancellationToken);
                continue;
            }

            if (session is { Status: UploadStatus.Committing, Staged: true } && session.AdvancedAt + ForwardingPatience > time.GetUtcNow())
            {
                throw new ProblemException(503, "completing", "The upload is being completed", "The content is on its way to its backend.")
                {
                    RetryAfter = TimeSpan.FromSeconds(5),
                    Hint = "Ask again after the time in Retry-After.",
                };
            }

            var next = session with { Epoch = session.Epoch + 1, AppendOpen = false };
            if (await sessions.TryChangeAsync(next, cancellationToken) is { } fenced)
            {
                return fenced;
            }
        }
    }

    /// <summary>Raises the epoch of a session that nobody has changed since it was read; null when somebody has.</summary>
    public Task<UploadSession?> TryTakeOverAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return sessions.TryChangeAsync(session with { Epoch = session.Epoch + 1 }, cancellationToken);
    }

    /// <summary>Raises the epoch, however often the row changes meanwhile.</summary>
    public async Task<UploadSession> TakeOverAsync(string id, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < ChangeTries; tries++)
        {
            var session = await FindAsync(id, cancellationToken);
            if (await TryTakeOverAsync(session, cancellationToken) is { } taken)
            {
                return taken;
            }
        }

        throw TakenOver();
    }

    /// <summary>Reads a session as it is now, whoever has it and whether it can be used or not; null when it is gone.</summary>
    public Task<UploadSession?> ReadAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return sessions.FindByHashAsync(session.IdHash, cancellationToken);
    }

    /// <summary>Writes to a session that the caller has taken over.</summary>
    /// <exception cref="ProblemException">409: another request has taken it over since.</exception>
    public async Task<UploadSession> ChangeAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (await sessions.TryChangeAsync(session, cancellationToken) is { } changed)
        {
            return changed;
        }

        // A write whose reply was lost was done all the same: under this epoch nobody but the caller writes. Two whole bodies of a small
        // content may come to the same epoch; they have the same proven bytes.
        return await ReadAsync(session, cancellationToken) is { } found
            && found.Epoch == session.Epoch && found.Status == session.Status
            && found.Offset == session.Offset && found.AppendOpen == session.AppendOpen && found.Backend == session.Backend
            ? session with { ETag = found.ETag }
            : throw TakenOver();
    }

    /// <summary>What a session stores, with its own backend as the first target and those that may stand in for it.</summary>
    /// <exception cref="ProblemException">410: its backend was removed.</exception>
    public async Task<ContentToStore> DescribeAsync(UploadSession session, string location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var set = await backends.ReadAsync(session.Organization, cancellationToken);
        if (set.Find(session.Backend) is not { ArchivedAt: null } backend)
        {
            throw Gone("The session's backend was removed.");
        }

        var label = new ArtifactLabel(session.Name, session.MediaType, session.CreatedAt, session.CreatedBy);
        var own = new UploadTarget(backend, session.BackendReason);
        var targets = UploadTarget.ChooseAgain(own, set, session.Size, health.IsAvoided);
        return new ContentToStore(session.Organization, session.Digest, session.Size, label, targets, session.Nonce, location);
    }

    /// <summary>What the stores are told of a session's content.</summary>
    public static BlobDescriptor BlobOf(UploadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new(session.Digest, session.Size, session.Name, session.MediaType, session.Nonce);
    }

    /// <summary>The answer when a session can't be used any more.</summary>
    public static ProblemException Gone(string detail) =>
        new(StatusCodes.Status410Gone, "upload-ended", "The upload session has ended", detail)
        {
            Hint = "Create another session: POST /v1/uploads.",
        };

    /// <summary>The answer to a request that has lost the session to another.</summary>
    public static ProblemException TakenOver() => Problems.Conflict("Another request has taken over this upload session.");

    private UploadSession Check(UploadSession session)
    {
        if (session.Status == UploadStatus.Ended)
        {
            throw Gone(session.EndReason ?? "The session was cancelled.");
        }

        return session.Status != UploadStatus.Committed && session.ExpiresAt <= time.GetUtcNow()
            ? throw Gone("The session has expired.")
            : session;
    }
}
