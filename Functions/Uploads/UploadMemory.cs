using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads;

/// <summary>
/// The buffer memory of all uploads of this process: equal segments, handed out up to one budget. Segments that come back are kept for
/// the next upload, and given to the garbage collector when nobody has wanted them for a while.
/// </summary>
public sealed class UploadMemory : IDisposable
{
    /// <summary>Size of a segment in bytes.</summary>
    public const int SegmentSize = 64 * 1024;

    /// <summary>One part that fills and three in flight, with one to spare.</summary>
    private const int KeptSegments = 5 * (PartBuffer.PartSize / SegmentSize);

    /// <summary>From how many bytes on it is worth a collection to give the machine back what was let go of.</summary>
    private const long WorthCollecting = 16L * 1024 * 1024;

    /// <summary>How long after one upload gave up the next one may, so that the first one's memory can still help it.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentBag<byte[]> _free = [];
    private readonly TimeProvider _time;
    private readonly TimeSpan _wait;
    private readonly ITimer _trim;
    private readonly Lock _lock = new();
    private TaskCompletionSource _returned = NewSignal();
    private DateTimeOffset _lastGivenUp;
    private long _used;
    private int _mostUsedSinceTrim;

    /// <summary>Makes the memory; nothing is allocated yet.</summary>
    public UploadMemory(IOptions<UploadOptions> options, TimeProvider time)
    {
        _time = time;
        _wait = options.Value.MemoryWait;
        Budget = options.Value.MemoryBudget ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
        _trim = time.CreateTimer(_ => Trim(), null, TrimInterval, TrimInterval);
    }

    /// <summary>The most bytes that may be handed out.</summary>
    public long Budget { get; }

    /// <summary>Bytes that are handed out now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>True when three quarters are handed out: uploads should then send one part at a time.</summary>
    public bool IsShort => Used > Budget / 4 * 3;

    /// <summary>Takes a segment; false when the budget is spent.</summary>
    public bool TryRent([NotNullWhen(true)] out byte[]? segment)
    {
        segment = null;
        long used;
        do
        {
            // Never counted beyond the budget, not even for a moment: Return tells by the count whether anybody may be waiting.
            used = Used + SegmentSize;
            if (used > Budget)
            {
                return false;
            }
        }
        while (Interlocked.CompareExchange(ref _used, used, used - SegmentSize) != used - SegmentSize);

        InterlockedMax(ref _mostUsedSinceTrim, (int)(used / SegmentSize));
        if (!_free.TryTake(out segment))
        {
            // Pinned arrays are never moved: those that the collector carries through its generations take half as much memory again.
            segment = GC.AllocateUninitializedArray<byte>(SegmentSize, pinned: true);
        }

        return true;
    }

    /// <summary>
    /// Takes a segment, waiting for a while when the budget is spent; null when none came back in time. Uploads that wait for each other's
    /// memory give up one after the other, not all at once: the last ones get through.
    /// </summary>
    public async ValueTask<byte[]?> RentAsync(CancellationToken cancellationToken)
    {
        if (TryRent(out var segment))
        {
            return segment;
        }

        var deadline = _time.GetUtcNow() + _wait;
        while (true)
        {
            Task signal;
            lock (_lock)
            {
                signal = _returned.Task;
            }

            if (TryRent(out segment))
            {
                return segment;
            }

            if (deadline - _time.GetUtcNow() is { Ticks: > 0 } left)
            {
                await signal.WaitAsync(left, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
            else if (TryGiveUp(out deadline))
            {
                return null;
            }
        }
    }

    /// <summary>Gives a segment back.</summary>
    public void Return(byte[] segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        _free.Add(segment);
        if (Interlocked.Add(ref _used, -SegmentSize) > Budget - (2 * SegmentSize))
        {
            TaskCompletionSource waiting;
            lock (_lock)
            {
                waiting = _returned;
                _returned = NewSignal();
            }

            waiting.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _trim.Dispose();

    /// <summary>Whether it is somebody's turn to give up, and when there is the next turn if not.</summary>
    private bool TryGiveUp(out DateTimeOffset next)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            next = _lastGivenUp + Turn;
            if (now < next)
            {
                return false;
            }

            _lastGivenUp = now;
            return true;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void InterlockedMax(ref int target, int value)
    {
        for (var current = Volatile.Read(ref target); value > current;)
        {
            var seen = Interlocked.CompareExchange(ref target, value, current);
            if (seen == current)
            {
                return;
            }

            current = seen;
        }
    }

    /// <summary>
    /// Lets go of the free segments that the last interval didn't need, but for what one large upload takes: dropping and allocating
    /// that in turns would grow the heap. When nobody uploads all go.
    /// </summary>
    private void Trim()
    {
        var used = (int)(Used / SegmentSize);
        var mostUsed = Interlocked.Exchange(ref _mostUsedSinceTrim, used);
        var keep = mostUsed == 0 ? 0 : Math.Max(mostUsed - used, KeptSegments);
        var dropped = 0L;
        while (_free.Count > keep && _free.TryTake(out _))
        {
            dropped += SegmentSize;
        }

        // Segments are old, and nothing collects the old generation of a process that has little to do: it would stay at its peak.
        // While others upload nobody has to wait for it.
        if (dropped >= WorthCollecting)
        {
            var isIdle = used == 0;
            GC.Collect(
                GC.MaxGeneration, isIdle ? GCCollectionMode.Aggressive : GCCollectionMode.Forced, blocking: isIdle, compacting: isIdle);
        }
    }
}
