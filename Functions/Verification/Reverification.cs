using Azure.Data.Tables;
using CasFunctions.Artifacts;
using CasFunctions.Audit;
using CasFunctions.Backends;
using CasFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Verification;

/// <summary>
/// Reads stored copies again, a given number of bytes a day. Each run looks at the next window of the index and takes from it those whose
/// proof is the oldest; up to the window's size that is the oldest of all, beyond it windows follow one another around the index, so that
/// every copy has its turn.
/// </summary>
/// <remarks>
/// A copy that can't be read, or only so slowly that others would not have their turn, goes to the end of the line, and no other copy of
/// its backend is read in the same run.
///
/// How far it is stands in the table <c>Verification</c>, in one row that a run takes for itself with a conditional write: of two runs at
/// once one does nothing. What a run reads beyond its share is taken off the next ones.
/// </remarks>
public sealed partial class Reverification(
    ArtifactIndex index,
    ArtifactSources sources,
    ArtifactVerifier verifier,
    BackendStore backends,
    AppStorage storage,
    IOptions<VerificationOptions> options,
    TimeProvider time,
    ILogger<Reverification> logger)
{
    /// <summary>Runs per day.</summary>
    public const int RunsPerDay = 24;

    private const string Table = "Verification";
    private const string Row = "progress";
    private const int Window = 10_000;

    /// <summary>A run ends after this, well before a host would end it.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromMinutes(20);

    /// <summary>A copy that comes more slowly than this, in bytes per second, is given up.</summary>
    private const long SlowestRate = 2 * 1024 * 1024;

    /// <summary>What a copy may take besides.</summary>
    private static readonly TimeSpan Latency = TimeSpan.FromMinutes(1);

    /// <summary>For how long a run keeps others away, should it die.</summary>
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(40);

    /// <summary>Does one run's share.</summary>
    /// <returns>How many copies were read.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var share = options.Value.BytesPerDay / RunsPerDay;
        var table = await storage.OpenAsync(Table);
        if (share <= 0 || await TakeAsync(table, cancellationToken) is not { } progress)
        {
            return 0;
        }

        var balance = Math.Min(progress.GetInt64("Balance") ?? 0, 0) + share;
        var window = await index.ListWindowAsync(progress.GetString("Cursor"), Window, cancellationToken);
        var end = time.GetUtcNow() + RunTime;
        var read = 0;
        HashSet<(string Organization, string Backend)> failed = [];
        foreach (var copy in window.Copies.Where(IsOld).OrderBy(TurnOf))
        {
            // The first is read whatever its limit, so that large ones have their turn.
            var limit = LimitFor(copy);
            if (balance <= 0 || (read > 0 && time.GetUtcNow() + limit > end))
            {
                break;
            }

            var set = await backends.ReadAsync(copy.Organization, cancellationToken);
            if (set.Find(copy.Backend) is not { Status: not BackendStatus.Invalid } backend
                || failed.Contains((copy.Organization, copy.Backend)))
            {
                continue;
            }

            if (!await TryReadAsync(new ArtifactSource(copy, backend), limit, cancellationToken))
            {
                failed.Add((copy.Organization, copy.Backend));
                await index.MarkUnreadableAsync(copy, time.GetUtcNow(), cancellationToken);
            }

            balance -= Math.Max(copy.Size, 1);
            read++;
        }

        var next = new TableEntity(Row, Row) { ["Cursor"] = window.Next, ["Balance"] = balance, ["TakenUntil"] = null };
        await table.TryReplaceAsync(next, progress.ETag, cancellationToken);
        LogDone(logger, read, window.Copies.Count);
        return read;
    }

    private static DateTimeOffset TurnOf(ArtifactCopy copy) =>
        copy.UnreadableAt > copy.VerifiedAt ? copy.UnreadableAt.Value : copy.VerifiedAt;

    private static TimeSpan LimitFor(ArtifactCopy copy)
    {
        var limit = Latency + TimeSpan.FromSeconds((double)copy.Size / SlowestRate);
        return limit < RunTime ? limit : RunTime;
    }

    /// <summary>Reads a copy; false when it could not be read, or not in time.</summary>
    private async Task<bool> TryReadAsync(ArtifactSource source, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var copy = await verifier.VerifyAsync(source, AuditEvent.System, either.Token);
            return copy.Outcome != VerificationOutcome.Unreadable;
        }
        catch (OperationCanceledException failure) when (late.IsCancellationRequested)
        {
            sources.ReportBroken(source, failure);
            return false;
        }
    }

    private bool IsOld(ArtifactCopy copy) => copy.CorruptSince is null && copy.VerifiedAt < time.GetUtcNow() - options.Value.MinimumAge;

    /// <summary>Takes the run; null when another one is under way.</summary>
    private async Task<TableEntity?> TakeAsync(TableClient table, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var current = await table.FindAsync(Row, Row, cancellationToken);
        if (current?.GetDateTimeOffset("TakenUntil") > now)
        {
            return null;
        }

        var taken = current ?? new TableEntity(Row, Row);
        taken["TakenUntil"] = now + LeaseTime;
        var written = current is null
            ? await table.TryAddAsync(taken, cancellationToken)
            : await table.TryReplaceAsync(taken, current.ETag, cancellationToken);
        if (written is not { } etag)
        {
            return null;
        }

        taken.ETag = etag;
        return taken;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Read} of {Seen} stored copies were read again")]
    private static partial void LogDone(ILogger logger, int read, int seen);
}
