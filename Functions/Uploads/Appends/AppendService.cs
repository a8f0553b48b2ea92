using CasFunctions.Artifacts;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Uploads.Appends;

/// <summary>
/// Takes a content in several requests, which may come to different instances. The offset that it tells is exact and never goes back.
/// </summary>
public sealed partial class AppendService(
    AppendTools tools,
    SessionAccess access,
    ContentStore contents,
    UploadCompletion completion,
    UploadLeftovers leftovers,
    RunningAppends running,
    CasMetrics metrics,
    IHostApplicationLifetime lifetime,
    ILogger<AppendService> logger)
{
    private const int TakeOverTries = 5;

    /// <summary>How long the parts on their way and the rest behind them may take after the client's connection broke.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>Finds out where a session is. An append that still runs is ended: what it got counts.</summary>
    /// <exception cref="ProblemException">404, 410.</exception>
    public async Task<AppendResult> FindAsync(string id, Func<Sha256Digest, string> locate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(locate);
        return await ResumeCommitAsync(await access.SettleAsync(id, cancellationToken), locate, cancellationToken);
    }

    /// <summary>
    /// Takes what a request brings. It goes on when the client is gone: what arrived before that is still to be read, and counts.
    /// </summary>
    /// <exception cref="ProblemException">The request does not fit the session, or the content is wrong.</exception>
    /// <exception cref="ProviderException">The backend failed; what it has taken counts.</exception>
    public async Task<AppendResult> AppendAsync(string id, AppendRequest request, Func<Sha256Digest, string> locate)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(locate);
        var stopping = lifetime.ApplicationStopping;
        UploadSession? taken = null;
        for (var tries = 0; taken is null; tries++)
        {
            var (found, descriptor) = await FindAsync(id, locate, stopping);
            CheckDeclared(found, request);
            if (found.Status == UploadStatus.Committed)
            {
                return await RepeatAsync(found, request, descriptor, locate, stopping);
            }

            AppendProblems.CheckOffset(found, request.Offset);
            taken = await access.TryTakeOverAsync(found with { AppendOpen = true }, stopping);
            if (taken is null && tries == TakeOverTries)
            {
                throw SessionAccess.TakenOver();
            }
        }

        var session = taken;
        using var mine = running.Begin(session.IdHash);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(stopping, mine.Stop);
        using var work = new CancellationTokenSource(Timeout.InfiniteTimeSpan, tools.Time);
        await using var grace = reading.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).CancelAfter(Grace), work);
        var content = await access.DescribeAsync(session, locate(session.Digest), work.Token);
        await using var run = await AppendRun.StartAsync(tools, session, content, request, work.Token);
        return await metrics.TimeUploadAsync(() => TakeAsync(run, request, content, work, reading.Token));
    }

    private static void CheckDeclared(UploadSession session, AppendRequest request)
    {
        if (request.Declared.Digest is { } digest && digest != session.Digest)
        {
            throw Problems.ContradictingDigest("Repr-Digest");
        }

        if (request.Declared.Size is { } declared && declared != session.Size)
        {
            throw AppendProblems.InconsistentLength(session.Size, $"The append says {declared} bytes.");
        }

        if (request.Length is { } length
            && (request.Offset + length > session.Size || (request.Completes == true && request.Offset + length != session.Size)))
        {
            throw AppendProblems.InconsistentLength(session.Size, "The body does not end where the content ends.");
        }
    }

    private async Task<AppendResult> TakeAsync(
        AppendRun run, AppendRequest request, ContentToStore content, CancellationTokenSource work, CancellationToken reading)
    {
        try
        {
            var cut = await ReadAsync(run, request, reading);
            if (cut is not null)
            {
                work.CancelAfter(Grace);
            }

            if (run.IsWhole)
            {
                return await CompleteAsync(run, content);
            }

            await run.KeepAsync();
            return cut switch
            {
                ProblemException { Code: "stalled" } => throw AppendProblems.Stalled(),
                OperationCanceledException => throw SessionAccess.TakenOver(),
                not null => throw cut,
                null when request.Completes == true =>
                    throw AppendProblems.InconsistentLength(run.Session.Size, "The body ended before the content's declared end."),
                null => new AppendResult(run.Session, null),
            };
        }
        catch (ProblemException problem) when (problem.Code == "size-mismatch" && run.IsOpen)
        {
            await EndAsync(run, problem.Message);
            throw AppendProblems.InconsistentLength(run.Session.Size, problem.Message + " The session has ended.");
        }
        catch (ProviderException failure) when (failure.Kind == ProviderErrorKind.UploadLost && run.IsOpen)
        {
            const string Lost = "The backend has lost the parts that were sent.";
            await EndAsync(run, Lost);
            throw SessionAccess.Gone(Lost);
        }
        catch (Exception failure) when (run.IsOpen)
        {
            if (await run.BreakAsync(failure, CancellationToken.None) is { } broken)
            {
                await EndAsync(run, broken.Message);
                throw broken;
            }

            await FallBackAsync(run, failure);
            throw;
        }
    }

    /// <summary>Reads the body.</summary>
    /// <returns>What ended the reading early when that was the client, or the lack of memory: all that arrived counts then.</returns>
    private static async Task<Exception?> ReadAsync(AppendRun run, AppendRequest request, CancellationToken reading)
    {
        try
        {
            await run.ReadAsync(reading);
        }
        catch (Exception cut) when (
            request.Checksum is null
            && cut is OperationCanceledException or IOException or ProblemException { Code: "stalled" or "busy" })
        {
            return cut;
        }

        return run.HasChecksum(request.Checksum) ? null : throw request.Checksum!.Mismatch();
    }

    private async Task<AppendResult> CompleteAsync(AppendRun run, ContentToStore content)
    {
        if (!run.IsProven())
        {
            await EndAsync(run, "The content did not have the declared digest.");
            throw AppendProblems.WrongDigest();
        }

        if (run.Session.Discards)
        {
            if (await contents.FindStoredAsync(content, CancellationToken.None) is { } known)
            {
                return await completion.CloseAsync(run.HandOver(), known, CancellationToken.None);
            }

            const string Missing = "The copy that made this upload needless is gone.";
            await EndAsync(run, Missing);
            throw SessionAccess.Gone(Missing);
        }

        if (run.Session.Size <= PartBuffer.PartSize)
        {
            var result = await run.PutAsync();
            return await completion.RecordAsync(run.HandOver(), content, result, CancellationToken.None);
        }

        await run.FinishPartsAsync();
        return await completion.CommitAsync(run.HandOver(), content, CancellationToken.None);
    }

    private async Task EndAsync(AppendRun run, string reason)
    {
        if (await leftovers.EndAsync(run.HandOver(), reason, CancellationToken.None) is null)
        {
            throw SessionAccess.TakenOver();
        }
    }

    private async Task FallBackAsync(AppendRun run, Exception failure)
    {
        try
        {
            await run.FallBackAsync();
        }
        catch (Exception second)
        {
            // The row stays open, or another request has it: that one fences this append off.
            LogNotKept(logger, failure.Message, second);
        }
    }

    /// <summary>Finishes a commit that an earlier request began.</summary>
    private async Task<AppendResult> ResumeCommitAsync(
        UploadSession session, Func<Sha256Digest, string> locate, CancellationToken cancellationToken)
    {
        if (session.Status != UploadStatus.Committing)
        {
            return new AppendResult(session, null);
        }

        var content = await access.DescribeAsync(session, locate(session.Digest), cancellationToken);
        var finished = (await contents.FinishLostCommitAsync(content, session.Backend, cancellationToken)).Descriptor;
        if (finished is null && !UploadCompletion.IsDue(session))
        {
            return new AppendResult(session, null);
        }

        var taken = session with { AppendOpen = true, AdvancedAt = tools.Time.GetUtcNow() };
        session = await access.TryTakeOverAsync(taken, cancellationToken) ?? throw SessionAccess.TakenOver();
        using var mine = running.Begin(session.IdHash);
        return finished is null
            ? await completion.CommitAsync(session, content, CancellationToken.None)
            : await completion.CloseAsync(session, finished, CancellationToken.None);
    }

    /// <summary>Gives a request that ends with a content that is stored already the same answer again: its reply was lost.</summary>
    private async Task<AppendResult> RepeatAsync(
        UploadSession session,
        AppendRequest request,
        ResourceDescriptor? descriptor,
        Func<Sha256Digest, string> locate,
        CancellationToken cancellationToken)
    {
        var end = request.Length is { } length ? request.Offset + length : await EndOfAsync(request, session.Size, cancellationToken);
        if (end != session.Size)
        {
            throw AppendProblems.Completed(session.Size);
        }

        var content = await access.DescribeAsync(session, locate(session.Digest), cancellationToken);
        descriptor ??= await contents.FindStoredAsync(content, cancellationToken) ?? throw SessionAccess.Gone("The content was removed.");
        return new AppendResult(session, descriptor);
    }

    private static async Task<long> EndOfAsync(AppendRequest request, long size, CancellationToken cancellationToken)
    {
        var end = request.Offset;
        while (true)
        {
            var read = await request.Body.ReadAsync(cancellationToken);
            end += read.Buffer.Length;
            request.Body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted || end > size)
            {
                return end;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "After '{Failure}' an append could not note how far it came")]
    private static partial void LogNotKept(ILogger logger, string failure, Exception second);
}
