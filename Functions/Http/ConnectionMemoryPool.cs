using System.Buffers;
using System.Runtime.InteropServices;

namespace CasFunctions.Http;

/// <summary>
/// Blocks of one size that stay where they are in memory, as sockets need it. Blocks that come back are kept for the next connection, up
/// to a limit, and those that nobody has wanted for an interval are left to the garbage collector.
/// </summary>
internal sealed class ConnectionMemoryPool : MemoryPool<byte>
{
    private const int MaxKeptBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(10);

    /// <summary>The block that came back last is taken first, so that those which nobody wants gather at the front.</summary>
    private readonly List<byte[]> _kept = [];
    private readonly Lock _lock = new();
    private readonly int _blockSize;
    private readonly ITimer _trim;

    /// <summary>The fewest blocks that were kept at any moment of this interval: so many were wanted by nobody.</summary>
    private int _unwanted;
    private bool _trimming;
    private bool _disposed;

    /// <summary>Makes a pool; nothing is allocated yet.</summary>
    public ConnectionMemoryPool(int blockSize, TimeProvider time)
    {
        _blockSize = blockSize;
        _trim = time.CreateTimer(_ => Trim(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override int MaxBufferSize => _blockSize;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="MaxBufferSize"/> was asked for.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed of.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, _blockSize);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_kept is [.., var block])
            {
                _kept.RemoveAt(_kept.Count - 1);
                _unwanted = Math.Min(_unwanted, _kept.Count);
                return new Block(this, block);
            }
        }

        return new Block(this, GC.AllocateUninitializedArray<byte>(_blockSize, pinned: true));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _disposed = true;
            _kept.Clear();
        }

        _trim.Dispose();
    }

    private void Return(byte[] block)
    {
        lock (_lock)
        {
            // A connection may outlive the server's stop by a moment.
            if (_disposed || (_kept.Count + 1) * _blockSize > MaxKeptBytes)
            {
                return;
            }

            _kept.Add(block);
            if (!_trimming)
            {
                // Between bursts nothing ticks: a process without work should not wake up.
                _trimming = true;
                _unwanted = 0;
                _trim.Change(TrimInterval, TrimInterval);
            }
        }
    }

    private void Trim()
    {
        lock (_lock)
        {
            _kept.RemoveRange(0, _unwanted);
            _unwanted = _kept.Count;
            if (_kept.Count == 0 && !_disposed)
            {
                _trimming = false;
                _trim.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>A block while somebody uses it.</summary>
    private sealed class Block(ConnectionMemoryPool pool, byte[] array) : IMemoryOwner<byte>
    {
        private byte[]? _array = array;

        public Memory<byte> Memory
        {
            get
            {
                ObjectDisposedException.ThrowIf(_array is null, this);
                return MemoryMarshal.CreateFromPinnedArray(_array, 0, _array.Length);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _array, null) is { } returned)
            {
                pool.Return(returned);
            }
        }
    }
}
