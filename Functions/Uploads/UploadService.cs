using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads;

/// <summary>What a request for a session got.</summary>
/// <param name="Existing">The artifact that is there already; null when a session was made.</param>
/// <param name="Session">The session; null when none was needed.</param>
public sealed record UploadOffer(ResourceDescriptor? Existing, UploadDocument? Session);

/// <summary>Upload sessions: made, used, asked, cancelled.</summary>
public sealed class UploadService(
    SessionStore sessions, ContentStore contents, BackendStore backends, BackendHealth health, IOptions<UploadOptions> options, TimeProvider time)
{
    private const int ChangeTries = 5;

    /// <summary>Makes a session, unless the organization has a usable copy of the content.</summary>
    /// <exception cref="ProblemException">The request is not valid, or no backend takes the content.</exception>
    public async Task<UploadOffer> CreateAsync(Caller caller, NewUpload request, Func<Sha256Digest, string> locate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(locate);
        var digest = Sha256Digest.TryParse(request.Digest, out var parsed) ? parsed : throw Problems.InvalidDigest();
        if (request.Size < 0)
        {
            throw Problems.InvalidRequest("size", "The size is the content's number of bytes, at least 0.");
        }

        var label = UploadLabel.Check(request.Name, request.MediaType, time.GetUtcNow(), caller);
        if (await contents.FindExistingAsync(caller.Organization, digest, request.Backend, request.Size, label, locate(digest), cancellationToken) is { } existing)
        {
            return new UploadOffer(existing, null);
        }

        var set = await backends.ReadAsync(caller.Organization, cancellationToken);
        var target = UploadTarget.Choose(set, request.Backend, request.Size, health.IsAvoided)[0];
        var id = SessionStore.NewId();
        var now = time.GetUtcNow();
        var session = new UploadSession
        {
            IdHash = SessionStore.HashOf(id),
            Organization = caller.Organization,
            Digest = digest,
            Size = request.Size,
            Name = label.Name,
            MediaType = label.MediaType,
            Backend = target.Backend.Name,
            BackendReason = target.Reason,
            Nonce = ContentStore.NewNonce(),
            CreatedBy = caller.Identity,
            CreatedAt = now,
            ExpiresAt = now + options.Value.SessionLifetime,
        };
        await sessions.AddAsync(session, cancellationToken);
        return new UploadOffer(null, Show(session) with { UploadUrl = "/v1/uploads/" + id });
    }

    /// <summary>Takes the whole content of a session in one request. Repeating it is safe at any time.</summary>
    /// <exception cref="ProblemException">The session can't be used, or the content is not the declared one.</exception>
    public async Task<ResourceDescriptor> PutAsync(string id, HttpRequest request, Func<Sha256Digest, string> locate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(locate);
        var session = await FindUsableAsync(id, cancellationToken);
        UploadHeaders.Check(request, session.Digest, session.Size);
        var content = await DescribeAsync(session, locate(session.Digest), cancellationToken);
        if (session.Status == UploadStatus.Committed && await contents.FindStoredAsync(content, cancellationToken) is { } stored)
        {
            return stored;
        }

        if (session.Status == UploadStatus.Committing && await contents.FinishLostCommitAsync(content, session.Backend, cancellationToken) is { } finished)
        {
            await CloseAsync(session, cancellationToken);
            return finished;
        }

        // Small content is fenced by the one write before its commit.
        if (session.Size > PartBuffer.PartSize)
        {
            session = await TakeOverAsync(id, cancellationToken);
        }

        try
        {
            var result = await contents.StoreAsync(
                request.BodyReader, content, async (target, token) => session = await BeginCommitAsync(session, target, token), cancellationToken);
            await CloseAsync(session, cancellationToken);
            return result.Descriptor;
        }
        catch (ProblemException conflict) when (conflict.Status == StatusCodes.Status409Conflict)
        {
            // Whoever took over may have stored the content by now.
            var now = await FindUsableAsync(id, cancellationToken);
            if (now.Status == UploadStatus.Committed && await contents.FindStoredAsync(content, cancellationToken) is { } theirs)
            {
                return theirs;
            }

            throw;
        }
        catch (UploadBrokenException)
        {
            await sessions.TryChangeAsync(session with { Status = UploadStatus.Ended }, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Shows a session.</summary>
    public async Task<UploadDocument> GetAsync(string id, CancellationToken cancellationToken) =>
        Show(await sessions.FindAsync(id, cancellationToken) ?? throw Problems.NotFound("upload session"));

    /// <summary>Ends a session. What was sent becomes unreadable for ever; a session that is committed stays so.</summary>
    public async Task CancelAsync(string id, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < ChangeTries; tries++)
        {
            var session = await FindUsableAsync(id, cancellationToken);
            if (session.Status == UploadStatus.Committed)
            {
                throw Problems.Conflict("The content is stored already.");
            }

            if (await sessions.TryChangeAsync(session with { Status = UploadStatus.Ended, Epoch = session.Epoch + 1 }, cancellationToken) is not null)
            {
                return;
            }
        }

        throw TakenOver();
    }

    /// <summary>What a session stores, with its own backend as the first target and those that may stand in for it.</summary>
    private async Task<ContentToStore> DescribeAsync(UploadSession session, string location, CancellationToken cancellationToken)
    {
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

    private static ProblemException Gone(string detail) =>
        new(410, "upload-ended", "The upload session has ended", detail) { Hint = "Create another session: POST /v1/uploads." };

    private static ProblemException TakenOver() => Problems.Conflict("Another request has taken over this upload session.");

    private UploadDocument Show(UploadSession session) => new()
    {
        Digest = session.Digest.ToString(),
        Size = session.Size,
        Name = session.Name,
        MediaType = session.MediaType,
        Backend = session.Backend,
        BackendReason = session.BackendReason,
        Status = session.Status switch
        {
            UploadStatus.Committed => UploadDocumentStatus.Committed,
            UploadStatus.Ended => UploadDocumentStatus.Ended,
            _ when session.ExpiresAt <= time.GetUtcNow() => UploadDocumentStatus.Ended,
            _ => UploadDocumentStatus.Open,
        },
        ExpiresAt = session.ExpiresAt,
    };

    private async Task<UploadSession> FindUsableAsync(string id, CancellationToken cancellationToken)
    {
        var session = await sessions.FindAsync(id, cancellationToken) ?? throw Problems.NotFound("upload session");
        if (session.Status == UploadStatus.Ended)
        {
            throw Gone("The session was cancelled.");
        }

        return session.Status != UploadStatus.Committed && session.ExpiresAt <= time.GetUtcNow() ? throw Gone("The session has expired.") : session;
    }

    /// <summary>Notes that the content is proven and is going to be committed on a backend, unless another request has taken over.</summary>
    private async Task<UploadSession> BeginCommitAsync(UploadSession session, UploadTarget target, CancellationToken cancellationToken)
    {
        var committing = session with
        {
            Status = UploadStatus.Committing,
            Epoch = session.Epoch + 1,
            Backend = target.Backend.Name,
            BackendReason = target.Reason,
        };
        return await sessions.TryChangeAsync(committing, cancellationToken) ?? throw TakenOver();
    }

    /// <summary>Raises the epoch, so that a request that is still running on this session fails at its next write to the row.</summary>
    private async Task<UploadSession> TakeOverAsync(string id, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < ChangeTries; tries++)
        {
            var session = await FindUsableAsync(id, cancellationToken);
            if (await sessions.TryChangeAsync(session with { Epoch = session.Epoch + 1 }, cancellationToken) is { } taken)
            {
                return taken;
            }
        }

        throw TakenOver();
    }

    /// <summary>
    /// Notes that the content is stored. When another request has changed the row meanwhile nothing is lost: the index has the copy,
    /// and a repeat of the upload finds it.
    /// </summary>
    private Task CloseAsync(UploadSession session, CancellationToken cancellationToken) =>
        sessions.TryChangeAsync(session with { Status = UploadStatus.Committed }, cancellationToken);
}
