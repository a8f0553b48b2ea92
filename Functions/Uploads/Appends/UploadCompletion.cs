using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads.Appends;

/// <summary>
/// Makes a content readable whose parts are all at the store and proven. Every step may be repeated, by another request on another
/// instance too.
/// </summary>
public sealed class UploadCompletion(
    SessionStore sessions,
    SessionAccess access,
    ContentStore contents,
    BackendConnections connections,
    BackendHealth health,
    StagingArea staging,
    UploadLeftovers leftovers,
    RememberedUploads uploads,
    UploadMemory memory,
    IOptions<UploadOptions> options,
    TimeProvider time)
{
    /// <summary>After what time a forwarding says in the row that it is alive.</summary>
    private static readonly TimeSpan SignEvery = TimeSpan.FromSeconds(15);

    /// <summary>
    /// True when a session has all of its content at the store, and what is missing is that the store makes it readable. A content of at
    /// most one part never waits there: it goes in one step.
    /// </summary>
    public static bool IsDue(UploadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.Status == UploadStatus.Committing && session.Offset == session.Size && session.Size > PartBuffer.PartSize;
    }

    /// <summary>Commits.</summary>
    /// <param name="session">The session as the caller has taken it over, <see cref="IsDue"/>.</param>
    /// <param name="content">What it stores.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">The store refused for good: then the session has ended.</exception>
    /// <exception cref="ProviderException">The store failed in a way that may pass; repeating is safe.</exception>
    public async Task<AppendResult> CommitAsync(UploadSession session, ContentToStore content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(content);
        return await GuardAsync(session, content, session.Staged ? ForwardAsync : CommitPartsAsync, cancellationToken);
    }

    /// <summary>Records a content that a backend has taken.</summary>
    public Task<AppendResult> RecordAsync(
        UploadSession session, ContentToStore content, UploadResult result, CancellationToken cancellationToken) =>
        GuardAsync(session, content, (_, _, _) => Task.FromResult(result), cancellationToken);

    /// <summary>Notes that a session's content is stored, and removes what it needs no more.</summary>
    public async Task<AppendResult> CloseAsync(UploadSession session, ResourceDescriptor descriptor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var closed = await access.ChangeAsync(
            session with
            {
                Status = UploadStatus.Committed,
                Offset = session.Size,
                AppendOpen = false,
                HashState = null,
                UploadId = null,
                PartTags = [],
                Tail = null,
                AdvancedAt = time.GetUtcNow(),
                ExpiresAt = time.GetUtcNow() + options.Value.SessionLifetime,
            },
            cancellationToken);
        if (session.Tail is not null || session.Staged)
        {
            await leftovers.RemoveStagedAsync(session.IdHash, cancellationToken);
        }

        return new AppendResult(closed, descriptor);
    }

    /// <summary>True when the store refuses for good: repeating the commit would be refused again.</summary>
    private static bool IsFinal(ProviderException failure) =>
        failure.Kind
            is ProviderErrorKind.UploadLost or ProviderErrorKind.Rejected or ProviderErrorKind.Unexpected or ProviderErrorKind.BlobNotFound;

    private async Task<AppendResult> GuardAsync(
        UploadSession session,
        ContentToStore content,
        Func<Held, ContentToStore, CancellationToken, Task<UploadResult>> store,
        CancellationToken cancellationToken)
    {
        var held = new Held(session);
        try
        {
            var result = await store(held, content, cancellationToken);
            var descriptor = await contents.FinishAsync(content, result, cancellationToken);
            var stored = held.Session with { Backend = result.Target.Backend.Name, BackendReason = result.Target.Reason };
            return await CloseAsync(stored, descriptor, cancellationToken);
        }
        catch (ProviderException failure) when (IsFinal(failure))
        {
            await leftovers.EndAsync(held.Session, $"The backend refused the content: {failure.Message}", CancellationToken.None);
            throw new ProblemException(502, "backend-rejected", "The backend refused the content", failure.Message)
            {
                Hint = "The session has ended and nothing was stored. Begin anew with another session: POST /v1/uploads.",
            };
        }
        catch (ProviderException)
        {
            // The next request need not wait for this one.
            await sessions.TryChangeAsync(held.Session with { AppendOpen = false }, CancellationToken.None);
            throw;
        }
    }

    private async Task<UploadResult> CommitPartsAsync(Held held, ContentToStore content, CancellationToken cancellationToken)
    {
        var session = held.Session;
        var target = content.Targets.Single(target => target.Backend.Name == session.Backend);
        var store = await connections.OpenAsync(target.Backend, cancellationToken);
        await using var upload = await store.OpenUploadAsync(SessionAccess.BlobOf(session), session.UploadId ?? "", cancellationToken);
        var outcome = await upload.CommitAsync(session.PartTags, cancellationToken);
        return new UploadResult(session.Size, outcome, target, store, null);
    }

    /// <summary>Brings a content that waits in the service's own storage to its backend as one body, proven once more on the way.</summary>
    private async Task<UploadResult> ForwardAsync(Held held, ContentToStore content, CancellationToken cancellationToken)
    {
        var blob = SessionAccess.BlobOf(held.Session);
        await using (var waiting = await staging.OpenContentAsync(held.Session, blob))
        {
            await waiting.CommitAsync(held.Session.PartTags, cancellationToken);
        }

        var route = new UploadRoute(content.Targets, connections, health);
        var delivery = await route.DeliverAsync(
            held.Session.Size,
            async (target, store, token) =>
            {
                var upload = await uploads.OpenAsync(target.Backend, store, blob, token);
                await using var parts = new PartsInFlight(upload, memory, [], token);
                await SendStagedAsync(held, parts, token);
                return await parts.Upload.CommitAsync(await parts.FinishAsync(), token);
            },
            cancellationToken);
        return new UploadResult(held.Session.Size, delivery.Result, delivery.Target, delivery.Store, null);
    }

    private async Task SendStagedAsync(Held held, PartsInFlight parts, CancellationToken cancellationToken)
    {
        await using var source = await staging.ReadContentAsync(held.Session, cancellationToken);
        using var hash = new ContentHash();
        while (hash.BytesHashed < held.Session.Size)
        {
            var part = new PartBuffer(memory);
            try
            {
                await staging.FillAsync(part, source, cancellationToken);
                foreach (var piece in part.AsSequence())
                {
                    hash.Append(piece.Span);
                }

                if (part.Length == 0 || (hash.BytesHashed == held.Session.Size && hash.GetCurrentDigest() != held.Session.Digest))
                {
                    throw new ProviderException(ProviderErrorKind.Rejected, "What waited in the service's own storage was altered.");
                }
            }
            catch
            {
                part.Dispose();
                throw;
            }

            await parts.SendAsync(part);
            var now = time.GetUtcNow();
            if (held.Session.AdvancedAt + SignEvery <= now)
            {
                held.Session = await access.ChangeAsync(held.Session with { AdvancedAt = now }, cancellationToken);
            }
        }
    }

    /// <summary>A session that a request holds, as it was last written.</summary>
    private sealed class Held(UploadSession session)
    {
        public UploadSession Session { get; set; } = session;
    }
}
