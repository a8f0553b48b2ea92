using System.Buffers;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Security;
using CasFunctions.Telemetry;
using CasFunctions.Uploads;
using CasFunctions.Verification;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Artifacts;

/// <summary>
/// Answers with an artifact's content. Whole content is proven on its way: small content before its first byte is sent, large content
/// before its last block is, so that altered content never arrives complete.
/// </summary>
public sealed class ArtifactDownload(
    ArtifactSources sources, ArtifactVerifier verifier, ArtifactActivity activity, CasMetrics metrics, UploadMemory memory)
{
    private const int BlockSize = 128 * 1024;

    /// <summary>Makes the answer to a request. What can fail before the first byte fails here.</summary>
    /// <param name="caller">Who gets it.</param>
    /// <param name="digest">The artifact.</param>
    /// <param name="request">The request, for its method, conditions and range.</param>
    /// <param name="fields">Header fields that the answer has besides, or in place of its own; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">There is no such artifact, no copy is right, or none can be read.</exception>
    public async Task<ContentResult> AnswerAsync(
        Caller caller,
        Sha256Digest digest,
        HttpRequest request,
        IReadOnlyDictionary<string, string>? fields,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        var copies = (await sources.FindAsync(caller.Organization, digest, cancellationToken)).ToList();
        var head = ContentHead.Of(request, digest, copies[0].Copy).With(fields);
        if (head.Range is not { } range || HttpMethods.IsHead(request.Method))
        {
            return new ContentResult(head, null);
        }

        var send = await PrepareAsync(caller, copies, range, cancellationToken);
        return new ContentResult(head, http => metrics.TimeDownloadAsync(() => send(http)));
    }

    private async Task<Func<HttpContext, Task>> PrepareAsync(
        Caller caller, List<ArtifactSource> copies, ByteRange range, CancellationToken cancellationToken)
    {
        var copy = copies[0].Copy;
        if (copy.Size == 0)
        {
            await activity.DownloadedAsync(caller, copy, 0);
            return static _ => Task.CompletedTask;
        }

        // Clients that read slowly hold what is kept for them: when memory is short, small content goes the way of large content.
        if (range.CoversWhole && copy.Size <= PartBuffer.PartSize && !memory.IsShort)
        {
            return await PrepareSmallAsync(caller, copies, copy, cancellationToken);
        }

        var opened = await sources.OpenAsync(copies, range.Offset, range.Length, cancellationToken)
            ?? throw await NoneReadableAsync(copy, cancellationToken);
        await activity.DownloadedAsync(caller, opened.Source.Copy, range.Length);
        return http => StreamAsync(http, copies, opened, range, copy);
    }

    /// <summary>Reads inline content, proven, for its descriptor; null when it is not right or can't be read.</summary>
    public async Task<byte[]?> ReadInlineAsync(Caller caller, ArtifactSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Copy.Size == 0)
        {
            return [];
        }

        if (await sources.OpenAsync(new List<ArtifactSource> { source }, 0, source.Copy.Size, cancellationToken) is not { } opened)
        {
            return null;
        }

        await using var stream = opened.Content;
        using var content = new PartBuffer(memory);
        if (await ReadRightAsync(stream, content, source.Copy, cancellationToken))
        {
            await activity.DownloadedAsync(caller, source.Copy, source.Copy.Size);
            return content.AsSequence().ToArray();
        }

        await sources.ReportCorruptAsync(source, cancellationToken);
        return null;
    }

    /// <summary>Tells why no copy can be read: all are known to be bad by now, or some may be read later.</summary>
    private async Task<ProblemException> NoneReadableAsync(ArtifactCopy copy, CancellationToken cancellationToken)
    {
        await sources.FindAsync(copy.Organization, copy.Digest, cancellationToken);
        return new(
            503, "backend-unavailable", "The backend is unavailable", "No backend that holds the artifact can be read at the moment.")
        {
            RetryAfter = TimeSpan.FromSeconds(30),
            Hint = "Repeat the request. If it stays so, an owner has to repair the backend.",
        };
    }

    private async Task<Func<HttpContext, Task>> PrepareSmallAsync(
        Caller caller, List<ArtifactSource> copies, ArtifactCopy copy, CancellationToken cancellationToken)
    {
        var corrupt = false;
        while (await sources.OpenAsync(copies, 0, copy.Size, cancellationToken) is { } opened)
        {
            await using var stream = opened.Content;
            var content = new PartBuffer(memory);
            var keep = false;
            try
            {
                keep = await ReadRightAsync(stream, content, copy, cancellationToken);
                if (keep)
                {
                    await activity.DownloadedAsync(caller, opened.Source.Copy, copy.Size);
                    return http => SendAsync(http, content);
                }

                corrupt = true;
                await sources.ReportCorruptAsync(opened.Source, cancellationToken);
            }
            catch (Exception failure) when (failure is IOException or ProviderException)
            {
                sources.ReportBroken(opened.Source, failure);
            }
            finally
            {
                if (!keep)
                {
                    content.Dispose();
                }
            }
        }

        throw corrupt ? ArtifactSources.Corrupt() : await NoneReadableAsync(copy, cancellationToken);
    }

    private static async Task SendAsync(HttpContext http, PartBuffer content)
    {
        using (content)
        {
            foreach (var piece in content.AsSequence())
            {
                await http.Response.Body.WriteAsync(piece, http.RequestAborted);
            }
        }
    }

    /// <summary>Reads a small content into memory; false when it is not the artifact.</summary>
    private async Task<bool> ReadRightAsync(Stream stream, PartBuffer content, ArtifactCopy copy, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (content.Room == 0)
            {
                if (content.Length >= copy.Size)
                {
                    break;
                }

                content.AddSegment(await memory.RentAsync(cancellationToken) ?? throw Problems.Busy());
            }

            var count = await stream.ReadAsync(content.NextRoom(), cancellationToken);
            if (count == 0)
            {
                break;
            }

            content.Advance(count);
        }

        if (content.Length != copy.Size)
        {
            return false;
        }

        using var hash = new ContentHash();
        foreach (var piece in content.AsSequence())
        {
            hash.Append(piece.Span);
        }

        return hash.GetCurrentDigest() == copy.Digest;
    }

    /// <summary>
    /// Sends content as it comes, one block behind the reading. A source that breaks off is replaced by another at the same
    /// offset. When the last block would complete altered content, the connection is cut instead.
    /// </summary>
    private async Task StreamAsync(
        HttpContext http, List<ArtifactSource> copies, (Stream Content, ArtifactSource Source) opened, ByteRange range, ArtifactCopy copy)
    {
        var cancellationToken = http.RequestAborted;
        using var hash = new ContentHash();
        var (stream, source) = opened;
        List<ArtifactSource> used = [source];
        var held = ArrayPool<byte>.Shared.Rent(BlockSize);
        var next = ArrayPool<byte>.Shared.Rent(BlockSize);
        var heldCount = 0;
        try
        {
            for (var done = 0L; done < range.Length;)
            {
                var want = (int)Math.Min(BlockSize, range.Length - done);
                var sending = http.Response.Body.WriteAsync(held.AsMemory(0, heldCount), cancellationToken);
                int count;
                bool ended;
                try
                {
                    (count, ended) = await FillAsync(stream, next.AsMemory(0, want), source, cancellationToken);
                }
                finally
                {
                    // Whatever happens, the block is in use until it is written.
                    await sending;
                }

                done += count;
                hash.Append(next.AsSpan(0, count));
                (held, next, heldCount) = (next, held, count);
                if (count < want)
                {
                    await stream.DisposeAsync();
                    if (ended && await sources.HasWrongSizeAsync(source, cancellationToken))
                    {
                        await sources.ReportCorruptAsync(source, cancellationToken);
                    }

                    if (await sources.OpenAsync(copies, range.Offset + done, range.Length - done, cancellationToken) is not { } another)
                    {
                        http.Abort();
                        return;
                    }

                    (stream, source) = another;
                    used.Add(source);
                }
            }

            if (range.CoversWhole && hash.GetCurrentDigest() != copy.Digest)
            {
                http.Abort();
                await ReportWrongAsync(used);
                return;
            }

            await http.Response.Body.WriteAsync(held.AsMemory(0, heldCount), cancellationToken);
        }
        finally
        {
            await stream.DisposeAsync();
            ArrayPool<byte>.Shared.Return(held);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    /// <summary>Marks the copy that a wrong content came from. Where several had a share in it, each is read to find out which.</summary>
    private Task ReportWrongAsync(List<ArtifactSource> used) => used.Count == 1
        ? sources.ReportCorruptAsync(used[0], CancellationToken.None)
        : verifier.FindCorruptAsync(used);

    /// <summary>Reads until the block is full or the source ends or breaks, which both show as a short block.</summary>
    /// <returns>The bytes read, and whether the source ended without a failure.</returns>
    private async Task<(int Count, bool Ended)> FillAsync(
        Stream stream, Memory<byte> block, ArtifactSource source, CancellationToken cancellationToken)
    {
        var count = 0;
        try
        {
            while (count < block.Length)
            {
                var read = await stream.ReadAsync(block[count..], cancellationToken);
                if (read == 0)
                {
                    sources.ReportBroken(source, new EndOfStreamException("The backend's content is shorter than the artifact."));
                    return (count, true);
                }

                count += read;
            }
        }
        catch (Exception failure) when (
            failure is IOException or ProviderException or HttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            sources.ReportBroken(source, failure);
        }

        return (count, false);
    }
}
