using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;

namespace CasFunctions.Uploads.Appends;

/// <summary>
/// One append while it runs: the parked bytes and the body become full parts that go to the store, and the row follows. What is in the row
/// is exact at every moment: so many bytes, whose hash has this state, are in these parts and these parked bytes.
/// </summary>
internal sealed class AppendRun : IAsyncDisposable
{
    /// <summary>After how many bytes a long append writes to the row how far it is.</summary>
    private const long AdvanceInterval = 64 * 1024 * 1024;

    private readonly AppendTools _tools;
    private readonly ContentToStore _content;
    private readonly ContentHash _hash;
    private readonly ContentHash? _bodyHash;
    private readonly BodyIntake _intake;
    private readonly CancellationToken _work;
    private readonly int _earlierParts;
    private readonly List<(long Offset, byte[] HashState)> _sent = [];
    private PartBuffer _part;
    private PartsInFlight? _parts;
    private UploadTarget? _target;

    private AppendRun(
        AppendTools tools, UploadSession session, ContentToStore content, AppendRequest request, PartBuffer tail, CancellationToken work)
    {
        _tools = tools;
        _content = content;
        _part = tail;
        _work = work;
        _earlierParts = session.PartTags.Count;
        _hash = session.HashState is { } state ? ContentHash.Resume(state) : new ContentHash();
        _bodyHash = request.Checksum is null ? null : new ContentHash();
        var (memory, patience) = (tools.Memory, tools.Options.IdleTimeout);
        _intake = new BodyIntake(request.Body, _hash, session.Size, memory, patience, tools.Time) { Second = _bodyHash };
        Session = session;
    }

    /// <summary>The session as it was last written.</summary>
    public UploadSession Session { get; private set; }

    /// <summary>True while the append holds the session.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>True when all of the content has arrived.</summary>
    public bool IsWhole => _intake.Offset == Session.Size;

    /// <summary>True when the body counts whole or not at all.</summary>
    private bool IsChecked => _bodyHash is not null;

    /// <summary>Takes up a session where the last append left it.</summary>
    /// <param name="tools">The parts of the service that it needs.</param>
    /// <param name="session">The session, taken over by the caller.</param>
    /// <param name="content">What it stores.</param>
    /// <param name="request">What the client sends.</param>
    /// <param name="work">Ends all writing. Not the client's connection: what arrived is kept after that broke.</param>
    public static async Task<AppendRun> StartAsync(
        AppendTools tools, UploadSession session, ContentToStore content, AppendRequest request, CancellationToken work)
    {
        var tail = session.Discards ? new PartBuffer(tools.Memory) : await tools.Staging.LoadAsync(session, work);
        return new AppendRun(tools, session, content, request, tail, work);
    }

    /// <summary>Reads the body to its end, and sends the full parts but for the content's last.</summary>
    /// <param name="reading">Ends the reading.</param>
    public async Task ReadAsync(CancellationToken reading)
    {
        while (true)
        {
            await _intake.FillAsync(_part, ReclaimAsync, reading);
            if (_part.Length < PartBuffer.PartSize)
            {
                return;
            }

            if (IsWhole)
            {
                if (!await _intake.IsAtEndAsync(reading))
                {
                    throw Problems.SizeMismatch(Session.Size, "The content goes on past its declared size.");
                }

                return;
            }

            await SendPartAsync();
        }
    }

    /// <summary>True when the body has the checksum that came with it, or none came.</summary>
    public bool HasChecksum(AppendChecksum? checksum) => checksum is null || _bodyHash!.GetCurrentDigest() == checksum.Digest;

    /// <summary>True when all that arrived has the digest that it must have.</summary>
    public bool IsProven() => _hash.GetCurrentDigest() == Session.Digest;

    /// <summary>Keeps all that arrived: waits for the parts, parks the rest, and leaves the session to the next request.</summary>
    public async Task KeepAsync()
    {
        var tags = _parts is null ? Session.PartTags : await _parts.FinishAsync();
        var before = Session.Tail;
        var tail = _part.Length == 0 || Session.Discards
            ? null
            : await _tools.Staging.ParkAsync(Session, _intake.Offset, _part.AsSequence(), _work);
        try
        {
            await WriteAsync(Reached(tags, tail) with { AppendOpen = false });
        }
        catch (ProblemException) when (tail is not null)
        {
            // A write whose reply was lost was done: then the request that has the session now builds on what it says.
            if ((await ReadAsync())?.Tail != tail)
            {
                await _tools.Staging.RemoveAsync(Session, tail, _work);
            }

            throw;
        }

        IsOpen = false;
        await RemoveTailAsync(before);
    }

    /// <summary>Goes back to what the store is known to have, and leaves the session to the next request.</summary>
    public async Task FallBackAsync()
    {
        var settled = IsChecked || _parts is null ? 0 : _parts.Tags.Count - _earlierParts;
        if (settled == 0)
        {
            await WriteAsync(Session with { AppendOpen = false });
            return;
        }

        var (offset, hashState) = _sent[settled - 1];
        var before = Session.Tail;
        await WriteAsync(Session with { Offset = offset, HashState = hashState, PartTags = _parts!.Tags, Tail = null, AppendOpen = false });
        await RemoveTailAsync(before);
    }

    /// <summary>Brings a proven content of at most one part into a backend in one step.</summary>
    public async Task<UploadResult> PutAsync()
    {
        var bytes = _part.AsSequence();
        var delivery = await Route().DeliverAsync(
            Session.Size,
            async (target, store, token) =>
            {
                // The fence: an append that has lost the session stores nothing.
                var (backend, reason) = (target.Backend.Name, target.Reason);
                await WriteAsync(Session with { Status = UploadStatus.Committing, Backend = backend, BackendReason = reason });
                return await store.PutAsync(SessionAccess.BlobOf(Session), bytes, token);
            },
            _work);
        return new UploadResult(Session.Size, delivery.Result, delivery.Target, delivery.Store, null);
    }

    /// <summary>Sends what is left of a proven content, and notes that nothing is missing but the commit.</summary>
    public async Task FinishPartsAsync()
    {
        if (_part.Length > 0)
        {
            await SendPartAsync(advance: false);
        }

        var tags = _parts is null ? Session.PartTags : await _parts.FinishAsync();
        var before = Session.Tail;
        await WriteAsync(Reached(tags, null) with { Status = UploadStatus.Committing });
        await RemoveTailAsync(before);
    }

    /// <summary>Gives the session away: the append writes to it no more.</summary>
    public UploadSession HandOver()
    {
        IsOpen = false;
        return Session;
    }

    /// <summary>Makes the failure of the backend that has the parts into the answer; null when no other could take the content.</summary>
    public async Task<UploadBrokenException?> BreakAsync(Exception failure, CancellationToken cancellationToken) =>
        _target is { } target && !Session.Staged && BackendHealth.IsFault(failure)
            ? await Route().BreakAsync(target, failure, cancellationToken)
            : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (_parts?.DisposeAsync() ?? ValueTask.CompletedTask);
        _part.Dispose();
        _hash.Dispose();
        _bodyHash?.Dispose();
    }

    /// <summary>The session with all that was read.</summary>
    private UploadSession Reached(IReadOnlyList<string> tags, string? tail) =>
        Session with { Offset = _intake.Offset, HashState = _hash.Export(), PartTags = tags, Tail = tail };

    private UploadRoute Route() => new(_content.Targets, _tools.Connections, _tools.Health);

    private ValueTask<bool> ReclaimAsync() => _parts?.ReclaimAsync() ?? ValueTask.FromResult(false);

    private async Task SendPartAsync(bool advance = true)
    {
        var part = _part;
        _part = new PartBuffer(_tools.Memory);
        if (Session.Discards)
        {
            part.Dispose();
            return;
        }

        _sent.Add((_intake.Offset, _hash.Export()));
        if (_parts is not null)
        {
            await _parts.SendAsync(part);
        }
        else
        {
            using (part)
            {
                _parts = await OpenAsync(part);
            }
        }

        if (advance && !IsChecked && _intake.Offset - Session.Offset >= AdvanceInterval)
        {
            var before = Session.Tail;
            await WriteAsync(Reached(await _parts.FinishAsync(), null));
            await RemoveTailAsync(before);
        }
    }

    /// <summary>Opens the upload that takes the parts, and sends a part.</summary>
    private async Task<PartsInFlight> OpenAsync(PartBuffer part)
    {
        var blob = SessionAccess.BlobOf(Session);
        if (Session is { UploadId: not null, Staged: false })
        {
            _target = _content.Targets.Single(target => target.Backend.Name == Session.Backend);
            var store = await _tools.Connections.OpenAsync(_target.Backend, _work);
            return await BeginAsync(await store.OpenUploadAsync(blob, Session.UploadId, _work), part);
        }

        if (Session.Staged || !_tools.Connections.KeepsParts(_content.Targets[0].Backend))
        {
            Session = Session with { Staged = true };
            return await BeginAsync(await _tools.Staging.OpenContentAsync(Session, blob), part);
        }

        var targets = _content.Targets.Where(target => _tools.Connections.KeepsParts(target.Backend)).ToList();
        var delivery = await new UploadRoute(targets, _tools.Connections, _tools.Health).DeliverAsync(
            Session.Size,
            async (target, store, token) =>
            {
                if (target.Backend.Name != Session.Backend)
                {
                    // Until the row names the new backend, and for what it can't say of the former one.
                    await _tools.Uploads.RemindAsync(Session, token);
                    await _tools.Uploads.RemindAsync(Session with { Backend = target.Backend.Name }, token);
                }

                return await OpenNewAsync(await store.OpenUploadAsync(blob, null, token), target, part);
            },
            _work);
        _target = delivery.Target;
        return delivery.Result;
    }

    private async Task<PartsInFlight> OpenNewAsync(IBlobUpload upload, UploadTarget target, PartBuffer part)
    {
        try
        {
            // Known to the row before it holds anything, so that it is found and dropped should this instance die.
            await WriteAsync(Session with { UploadId = upload.UploadId, Backend = target.Backend.Name, BackendReason = target.Reason });
        }
        catch (ProblemException)
        {
            // As with parked bytes: the write may have been done.
            if ((await ReadAsync())?.UploadId != upload.UploadId)
            {
                await upload.AbortAsync(_work);
            }

            throw;
        }

        try
        {
            return await BeginAsync(upload, part);
        }
        catch
        {
            Session = Session with { UploadId = null };
            if (!await upload.AbortAsync(_work))
            {
                await _tools.Uploads.RemindAsync(Session, _work);
            }

            throw;
        }
    }

    private async Task<PartsInFlight> BeginAsync(IBlobUpload upload, PartBuffer part)
    {
        var parts = new PartsInFlight(upload, _tools.Memory, Session.PartTags, _work);
        try
        {
            await parts.SendFirstAsync(part);
            return parts;
        }
        catch
        {
            await parts.DisposeAsync();
            throw;
        }
    }

    private async Task WriteAsync(UploadSession session) =>
        Session = await _tools.Access.ChangeAsync(session with { AdvancedAt = _tools.Time.GetUtcNow() }, _work);

    /// <summary>The session as its row is, whoever has written it.</summary>
    private Task<UploadSession?> ReadAsync() => _tools.Access.ReadAsync(Session, _work);

    private async Task RemoveTailAsync(string? tail)
    {
        if (tail is not null && tail != Session.Tail)
        {
            await _tools.Staging.RemoveAsync(Session, tail, _work);
        }
    }
}
