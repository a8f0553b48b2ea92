using System.IO.Pipelines;
using CasFunctions.Digests;
using CasFunctions.Http;

namespace CasFunctions.Uploads;

/// <summary>
/// Takes a request's body into parts: hashes it in order, counts it, and refuses it as soon as it passes the declared size.
/// </summary>
/// <param name="body">The request's body.</param>
/// <param name="hash">The hash of the content, taken over whatever came in earlier requests.</param>
/// <param name="declaredSize">The content's declared size; null when the client did not say.</param>
/// <param name="memory">Where segments come from.</param>
/// <param name="idleTimeout">How long the client may send nothing.</param>
/// <param name="time">The clock of the time-out.</param>
public sealed class BodyIntake(
    PipeReader body, ContentHash hash, long? declaredSize, UploadMemory memory, TimeSpan idleTimeout, TimeProvider time)
{
    private bool _ended;

    /// <summary>Bytes of the content so far.</summary>
    public long Offset { get; private set; } = hash.BytesHashed;

    /// <summary>Another hash that takes this body only; null for none.</summary>
    public ContentHash? Second { get; init; }

    /// <summary>Fills a part up to its full size or the body's end.</summary>
    /// <param name="part">The part.</param>
    /// <param name="reclaim">Frees memory that this upload holds; false when it holds none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>True when the body has ended.</returns>
    /// <exception cref="ProblemException">Too many bytes, no memory, or a client that stalls.</exception>
    public async Task<bool> FillAsync(PartBuffer part, Func<ValueTask<bool>> reclaim, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(reclaim);
        while (!_ended && part.Length < PartBuffer.PartSize)
        {
            var read = await ReadAsync(cancellationToken);
            var consumed = read.Buffer.Start;
            try
            {
                foreach (var piece in read.Buffer)
                {
                    var bytes = piece[..Math.Min(piece.Length, PartBuffer.PartSize - part.Length)];
                    CheckSize(bytes.Length);
                    await AppendAsync(part, bytes, reclaim, cancellationToken);
                    consumed = read.Buffer.GetPosition(bytes.Length, consumed);
                    if (part.Length == PartBuffer.PartSize)
                    {
                        break;
                    }
                }

                _ended = read.IsCompleted && read.Buffer.Slice(consumed).IsEmpty;
            }
            finally
            {
                body.AdvanceTo(consumed);
            }
        }

        return _ended;
    }

    /// <summary>True when the body has nothing more; waits until that is known.</summary>
    public async Task<bool> IsAtEndAsync(CancellationToken cancellationToken)
    {
        if (!_ended)
        {
            var read = await ReadAsync(cancellationToken);
            _ended = read.IsCompleted && read.Buffer.IsEmpty;
            body.AdvanceTo(read.Buffer.Start);
        }

        return _ended;
    }

    private async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Kestrel takes a read that a token has cancelled for one that still runs; CancelPendingRead ends it in order.
            cancellationToken.ThrowIfCancellationRequested();
            var reading = body.ReadAsync(CancellationToken.None);
            if (reading.IsCompleted)
            {
                var ready = await reading;
                if (!ready.IsCanceled)
                {
                    return ready;
                }

                // The alarm of an earlier read came just after its bytes.
                body.AdvanceTo(ready.Buffer.Start);
                continue;
            }

            using var idle = new CancellationTokenSource(idleTimeout, time);
            await using var wake = idle.Token.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), body);
            await using var stop = cancellationToken.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), body);
            var read = await reading;
            if (!read.IsCanceled)
            {
                return read;
            }

            body.AdvanceTo(read.Buffer.Start);
            if (idle.IsCancellationRequested)
            {
                throw new ProblemException(408, "stalled", "The client sends nothing", "No bytes arrived for too long.")
                {
                    Hint = "Repeat the request; nothing was stored.",
                };
            }
        }
    }

    private void CheckSize(int more)
    {
        if (Offset + more > declaredSize)
        {
            throw Problems.SizeMismatch(declaredSize.Value, "The content goes on past its declared size.");
        }
    }

    private async ValueTask AppendAsync(
        PartBuffer part, ReadOnlyMemory<byte> bytes, Func<ValueTask<bool>> reclaim, CancellationToken cancellationToken)
    {
        while (part.Room < bytes.Length)
        {
            if (!memory.TryRent(out var segment))
            {
                if (await reclaim())
                {
                    continue;
                }

                segment = await memory.RentAsync(cancellationToken) ?? throw Problems.Busy();
            }

            part.AddSegment(segment);
        }

        hash.Append(bytes.Span);
        Second?.Append(bytes.Span);
        part.Append(bytes.Span);
        Offset += bytes.Length;
    }
}
