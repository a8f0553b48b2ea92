using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Security;
using CasFunctions.Uploads.Appends;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads;

/// <summary>What a request for a session got.</summary>
/// <param name="Existing">The artifact that is there already; null when a session was made.</param>
/// <param name="Session">The session; null when none was needed.</param>
public sealed record UploadOffer(ResourceDescriptor? Existing, UploadDocument? Session);

/// <summary>Upload sessions: made, used, asked, cancelled.</summary>
public sealed class UploadService(
    SessionStore sessions,
    SessionAccess access,
    ContentStore contents,
    BackendStore backends,
    BackendHealth health,
    BackendConnections connections,
    UploadLeftovers leftovers,
    RememberedUploads uploads,
    IOptions<UploadOptions> options,
    TimeProvider time)
{
    private const int ChangeTries = 5;

    /// <summary>Makes a session, unless the organization has a usable copy of the content.</summary>
    /// <param name="caller">Who asks for it.</param>
    /// <param name="request">What it is for.</param>
    /// <param name="discards">Whether to make one even then, which drops what is sent: for clients that know no other answer.</param>
    /// <param name="locate">Makes the artifact's address.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">The request is not valid, or no backend takes the content.</exception>
    public async Task<UploadOffer> CreateAsync(
        Caller caller, NewUpload request, bool discards, Func<Sha256Digest, string> locate, CancellationToken cancellationToken)
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
        var existing = await contents.FindExistingAsync(
            caller.Organization, digest, request.Backend, request.Size, label, locate(digest), cancellationToken);
        if (existing is not null && !discards)
        {
            return new UploadOffer(existing, null);
        }

        var set = await backends.ReadAsync(caller.Organization, cancellationToken);
        var target = existing is null ? ChooseTarget(set, request) : TargetOf(existing, set);
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
            Discards = existing is not null,
            Nonce = ContentStore.NewNonce(),
            CreatedBy = caller.Identity,
            CreatedAt = now,
            ExpiresAt = now + options.Value.SessionLifetime,
        };
        await sessions.AddAsync(session, cancellationToken);
        return new UploadOffer(existing, Show(session) with { UploadUrl = "/v1/uploads/" + id });
    }

    /// <summary>Takes the whole content of a session in one request. Repeating it is safe at any time.</summary>
    /// <exception cref="ProblemException">The session can't be used, or the content is not the declared one.</exception>
    public async Task<ResourceDescriptor> PutAsync(
        string id, HttpRequest request, Func<Sha256Digest, string> locate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(locate);
        var session = await access.FindAsync(id, cancellationToken);
        UploadHeaders.Check(request, session.Digest, session.Size);
        var content = await access.DescribeAsync(session, locate(session.Digest), cancellationToken);
        if (session.Status == UploadStatus.Committed && await contents.FindStoredAsync(content, cancellationToken) is { } stored)
        {
            return stored;
        }

        if (session.Status == UploadStatus.Committing
            && (await contents.FinishLostCommitAsync(content, session.Backend, cancellationToken)).Descriptor is { } finished)
        {
            await CloseAsync(session, cancellationToken);
            return finished;
        }

        // Small content is fenced by the one write before its commit.
        if (session.Size > PartBuffer.PartSize)
        {
            session = await access.TakeOverAsync(id, cancellationToken);
        }

        try
        {
            var result = await contents.StoreAsync(
                request.BodyReader,
                content,
                async (target, token) => session = await BeginCommitAsync(session, target, token),
                cancellationToken);
            await CloseAsync(session, cancellationToken);
            return result.Descriptor;
        }
        catch (ProblemException conflict) when (conflict.Status == StatusCodes.Status409Conflict)
        {
            // Whoever took over may have stored the content by now.
            var now = await access.FindAsync(id, cancellationToken);
            if (now.Status == UploadStatus.Committed && await contents.FindStoredAsync(content, cancellationToken) is { } theirs)
            {
                return theirs;
            }

            throw;
        }
        catch (UploadBrokenException broken)
        {
            await leftovers.EndAsync(session, broken.Message, CancellationToken.None);
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
            var session = await access.SettleAsync(id, cancellationToken);
            if (session.Status == UploadStatus.Committed)
            {
                throw Problems.Conflict("The content is stored already.");
            }

            if (await leftovers.EndAsync(session, null, cancellationToken) is not null)
            {
                return;
            }
        }

        throw SessionAccess.TakenOver();
    }

    /// <summary>The place of a content that is there: none takes it again, so that no limit of a backend matters.</summary>
    private static UploadTarget TargetOf(ResourceDescriptor existing, BackendSet set) => new(
        set.Find(existing.Annotations.Backend) ?? throw Problems.Conflict("The backend that holds the content was just removed."),
        existing.Annotations.BackendReason);

    private UploadTarget ChooseTarget(BackendSet set, NewUpload request)
    {
        var target = UploadTarget.Choose(set, request.Backend, request.Size, health.IsAvoided)[0];
        var limit = options.Value.MaxStagedBytes;
        if (request.Size > limit && !connections.KeepsParts(target.Backend))
        {
            throw Problems.TooLarge(
                limit,
                $"Backend '{target.Backend.Name}' takes a content in one request only, which limits sessions to {limit} bytes.",
                "Send it with PUT /v1/artifacts/{digest}, or name another backend.");
        }

        return target;
    }

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
        Offset = session.Status == UploadStatus.Committed ? session.Size : session.Offset,
        ExpiresAt = session.ExpiresAt,
    };

    /// <summary>
    /// Notes that the content is proven and is going to be committed on a backend, unless another request has taken over.
    /// </summary>
    private async Task<UploadSession> BeginCommitAsync(UploadSession session, UploadTarget target, CancellationToken cancellationToken)
    {
        if (session.UploadId is not null && target.Backend.Name != session.Backend)
        {
            // What earlier appends left at the former backend, which the row names no more.
            await uploads.RemindAsync(session, cancellationToken);
        }

        var committing = session with
        {
            Status = UploadStatus.Committing,
            Epoch = session.Epoch + 1,
            Backend = target.Backend.Name,
            BackendReason = target.Reason,
        };
        return await access.ChangeAsync(committing, cancellationToken);
    }

    /// <summary>
    /// Notes that the content is stored. When another request has changed the row meanwhile nothing is lost: the index has the copy,
    /// and a repeat of the upload finds it.
    /// </summary>
    private Task CloseAsync(UploadSession session, CancellationToken cancellationToken) =>
        sessions.TryChangeAsync(session with { Status = UploadStatus.Committed }, cancellationToken);
}
