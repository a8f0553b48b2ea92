using System.Threading.Channels;
using Azure.Data.Tables;

namespace CasFunctions.Audit;

/// <summary>Takes events. Those of one instance stay in the order in which they came.</summary>
public sealed class AuditLog(AuditTable table, TimeProvider time)
{
    /// <summary>How many events may wait to be written, a few megabytes.</summary>
    private const int Capacity = 10_000;

    private readonly Channel<TableEntity> _waiting = Channel.CreateBounded<TableEntity>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });
    private long _lastTicks;

    /// <summary>What waits to be written.</summary>
    internal ChannelReader<TableEntity> Waiting => _waiting.Reader;

    /// <summary>
    /// Takes an event that is written within a second, without waiting for that; a crash before then loses it. Only when very many events
    /// wait, because the table can't be reached, does the caller wait too, for none is thrown away.
    /// </summary>
    public ValueTask RecordAsync(AuditEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        return QueueAsync(AuditTable.ToRow(happened, NextMoment()));
    }

    /// <summary>
    /// Writes an event and returns when it is stored. To be awaited before the answer to an administrative request. When the table can't be
    /// reached the failure is thrown, so that the request fails, and the event is written later, for what it tells has happened.
    /// </summary>
    public async Task RecordNowAsync(AuditEvent happened, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(happened);
        var row = AuditTable.ToRow(happened, NextMoment());
        try
        {
            await table.WriteAsync([row], cancellationToken);
        }
        catch
        {
            await QueueAsync(row);
            throw;
        }
    }

    /// <summary>From now on events are written one by one, at once.</summary>
    internal void Close() => _waiting.Writer.TryComplete();

    private async ValueTask QueueAsync(TableEntity row)
    {
        var writer = _waiting.Writer;
        do
        {
            if (writer.TryWrite(row))
            {
                return;
            }
        }
        while (await writer.WaitToWriteAsync());

        // The host has stopped its services, but not yet the last request.
        await table.WriteAsync([row], CancellationToken.None);
    }

    /// <summary>The time, but never the same twice: it is what the events are ordered by.</summary>
    private DateTimeOffset NextMoment()
    {
        while (true)
        {
            var last = Volatile.Read(ref _lastTicks);
            var next = Math.Max(time.GetUtcNow().UtcTicks, last + 1);
            if (Interlocked.CompareExchange(ref _lastTicks, next, last) == last)
            {
                return new DateTimeOffset(next, TimeSpan.Zero);
            }
        }
    }
}
