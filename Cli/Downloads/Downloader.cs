using System.Buffers;
using System.Net;
using CasFunctions.Cli.Artifacts;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Transfers;
using CasFunctions.Digests;

namespace CasFunctions.Cli.Downloads;

/// <summary>Fetches one artifact, goes on after cuts where it was, and proves that it has the digest.</summary>
internal sealed class Downloader(CasApi api, Patience patience, TransferProgress progress)
{
    private const int BufferSize = 256 * 1024;
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <summary>Fetches into a file.</summary>
    /// <exception cref="CliFailure">The content doesn't have its digest.</exception>
    public async Task FetchAsync(Sha256Digest digest, string name, PartialFile file, CancellationToken cancellationToken)
    {
        // What came in pieces may come from different copies, of which one was altered. What comes whole is verified by the service as well.
        for (var whole = file.Length == 0; ; whole = true)
        {
            var pieces = await FetchPiecesAsync(digest, name, file, cancellationToken);
            if (file.Has(digest))
            {
                return;
            }

            if (whole && pieces == 1)
            {
                throw Altered();
            }

            file.Clear();
        }
    }

    /// <summary>
    /// Fetches to standard output. What was written can't be taken back, so the last bytes are held back until all is proven: altered content
    /// never arrives whole.
    /// </summary>
    /// <exception cref="CliFailure">The content doesn't have its digest.</exception>
    public async Task CopyAsync(Sha256Digest digest, Stream output, CancellationToken cancellationToken)
    {
        var sink = new HoldingBack(output);
        var length = 0L;
        await RepeatAsync(
            async () =>
            {
                using var response = await OpenAsync(digest, length, cancellationToken);
                progress.Begin(digest.ToString(), length + (response.Content.Headers.ContentLength ?? 0), length);
                await ReadAsync(
                    response,
                    async piece =>
                    {
                        await sink.WriteAsync(piece, cancellationToken);
                        length += piece.Length;
                    },
                    cancellationToken);
            },
            cancellationToken);
        if (!sink.Has(digest))
        {
            throw Altered();
        }

        await sink.FinishAsync(cancellationToken);
    }

    private static CliFailure Altered() => new(
        ExitCode.IntegrityFailure,
        "The content does not have its digest: it was altered on the backend or on the way. No file was written.",
        "Upload the content again, which replaces the altered copy, or have it checked: cas artifact verify");

    /// <returns>The number of requests that delivered something.</returns>
    private async Task<int> FetchPiecesAsync(Sha256Digest digest, string name, PartialFile file, CancellationToken cancellationToken)
    {
        var pieces = 0;
        await RepeatAsync(
            async () =>
            {
                using var response = await OpenAsync(digest, file.Length, cancellationToken);
                if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    return;
                }

                if (response.StatusCode == HttpStatusCode.OK && file.Length > 0)
                {
                    file.Clear();
                    pieces = 0;
                }

                pieces++;
                progress.Begin(name, file.Length + (response.Content.Headers.ContentLength ?? 0), file.Length);
                await ReadAsync(response, piece => file.WriteAsync(piece, cancellationToken), cancellationToken);
            },
            cancellationToken);
        return pieces;
    }

    private async Task RepeatAsync(Func<Task> attempt, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await attempt();
                return;
            }
            catch (Exception failure) when (Patience.IsPassing(failure, cancellationToken))
            {
                if (!await patience.WaitAsync(failure, cancellationToken))
                {
                    throw;
                }
            }
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(Sha256Digest digest, long offset, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(ArtifactCommands.PathOf(digest), UriKind.Relative));
        if (offset > 0)
        {
            request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(offset, null);
            request.Headers.TryAddWithoutValidation("If-Range", $"\"{digest}\"");
        }

        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(LongestSilence);
        var response = await api.OpenAsync(request, authorized: true, silence.Token);
        if (response.IsSuccessStatusCode || (offset > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable))
        {
            return response;
        }

        using (response)
        {
            throw ApiFailure.From(response, await response.Content.ReadAsByteArrayAsync(silence.Token));
        }
    }

    private async Task ReadAsync(HttpResponseMessage response, Func<ReadOnlyMemory<byte>, ValueTask> use, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                silence.CancelAfter(LongestSilence);
                var count = await body.ReadAsync(buffer, silence.Token);
                if (count == 0)
                {
                    return;
                }

                await use(buffer.AsMemory(0, count));
                progress.Add(count);
                patience.Progress();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
