using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Threading.Channels;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// A request body that is handed over in parts while it is being sent. Can be sent once. While it waits for the next part nothing
/// is timed; while the connection takes bytes, each piece has <see cref="ProviderRetry.TryTimeout"/>.
/// </summary>
public sealed class PartsContent : HttpContent
{
    private readonly Channel<Part> _parts = Channel.CreateUnbounded<Part>(new UnboundedChannelOptions { SingleReader = false });
    private readonly CancellationTokenSource _stalled;
    private readonly TimeSpan _answerTimeout;
    private readonly long _length;
    private int _started;
    private volatile bool _complete;

    /// <summary>Makes the body.</summary>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="answerTimeout">How long the registry may take to answer after the last byte.</param>
    /// <param name="time">Clock of the time-outs.</param>
    public PartsContent(long length, TimeSpan answerTimeout, TimeProvider time)
    {
        _length = length;
        _answerTimeout = answerTimeout;
        _stalled = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        Headers.ContentLength = length;
    }

    /// <summary>True as soon as the connection has asked for the first byte: then the body can't be sent once more.</summary>
    public bool Started => Volatile.Read(ref _started) != 0;

    /// <summary>True when the connection has taken all of the body.</summary>
    public bool Complete => _complete;

    /// <summary>Cancelled when the other side takes no bytes, or does not answer after the last one.</summary>
    public CancellationToken Stalled => _stalled.Token;

    /// <summary>
    /// Hands over the next part, and ends when the connection has taken it or never will: the part's memory is free then.
    /// </summary>
    /// <param name="content">The part.</param>
    /// <exception cref="Exception">What <see cref="Close"/> was given, or what the connection threw.</exception>
    public async Task WriteAsync(ReadOnlySequence<byte> content)
    {
        var part = new Part(content, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await _parts.Writer.WriteAsync(part, CancellationToken.None);
        await part.Taken.Task;
    }

    /// <summary>
    /// Refuses all parts that the connection has not begun to take.
    /// </summary>
    /// <param name="failure">Why.</param>
    public void Close(Exception failure)
    {
        _parts.Writer.TryComplete(failure);
        while (_parts.Reader.TryRead(out var part))
        {
            part.Taken.TrySetException(failure);
        }
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("The body has been sent already.");
        }

        for (var left = _length; left > 0;)
        {
            var part = await _parts.Reader.ReadAsync(cancellationToken);
            try
            {
                foreach (var memory in part.Content)
                {
                    _stalled.CancelAfter(ProviderRetry.TryTimeout);
                    await stream.WriteAsync(memory, cancellationToken);
                }

                left -= part.Content.Length;
                _complete = left == 0;
                _stalled.CancelAfter(left > 0 ? Timeout.InfiniteTimeSpan : _answerTimeout);
                part.Taken.TrySetResult();
            }
            catch (Exception e)
            {
                part.Taken.TrySetException(e);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stalled.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed record Part(ReadOnlySequence<byte> Content, TaskCompletionSource Taken);
}
