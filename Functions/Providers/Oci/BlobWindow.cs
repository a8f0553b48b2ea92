namespace CasFunctions.Providers.Oci;

/// <summary>
/// The wanted window of an answer's body: skips what precedes it where the registry ignored the range, and ends after it. Each read
/// has <see cref="ProviderRetry.TryTimeout"/>.
/// </summary>
/// <param name="response">The answer, disposed of with the stream.</param>
/// <param name="body">Its body.</param>
/// <param name="skip">Bytes before the window.</param>
/// <param name="length">Bytes in the window.</param>
/// <param name="time">Clock of the time-out.</param>
/// <param name="lifetime">Ends all reads.</param>
internal sealed class BlobWindow(
    HttpResponseMessage response, Stream body, long skip, long length, TimeProvider time, CancellationToken lifetime) : Stream
{
    private const int SkipBufferBytes = 64 * 1024;

    private readonly CancellationTokenSource _stalled = new(Timeout.InfiniteTimeSpan, time);
    private long _skip = skip;
    private long _left = length;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_skip > 0)
        {
            var dropped = new byte[SkipBufferBytes];
            while (_skip > 0)
            {
                var count = await ReadOnceAsync(dropped.AsMemory(0, (int)Math.Min(_skip, dropped.Length)), cancellationToken);
                if (count == 0)
                {
                    return 0;
                }

                _skip -= count;
            }
        }

        var read = await ReadOnceAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;
        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
            _stalled.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadOnceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(_stalled.Token, lifetime, cancellationToken);
        _stalled.CancelAfter(ProviderRetry.TryTimeout);
        try
        {
            var read = await body.ReadAsync(buffer, linked.Token);
            _stalled.CancelAfter(Timeout.InfiniteTimeSpan);
            return read;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && !lifetime.IsCancellationRequested)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, "The registry stopped sending a blob.", e);
        }
        catch (HttpRequestException e)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, "The connection was cut while a blob was read.", e);
        }
    }
}
