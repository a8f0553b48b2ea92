using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Audit;

/// <summary>
/// Writes the events that wait, in batches. It works until all other services have stopped, since requests that are still being answered
/// record events.
/// </summary>
public sealed partial class AuditWriter(
    AuditLog log, AuditTable table, TimeProvider time, ILogger<AuditWriter> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>How long the first event of a batch waits for others.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private const int MaxGathered = 1000;

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _givingUp = new();
    private Task _writing = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writing = WriteAllAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        log.Close();
        await _closing.CancelAsync();
        await using (cancellationToken.Register(_givingUp.Cancel))
        {
            await _writing;
        }
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Dispose();
        _givingUp.Dispose();
    }

    private async Task WriteAllAsync()
    {
        var rows = new List<TableEntity>();
        while (await log.Waiting.WaitToReadAsync())
        {
            await Task.Delay(Gathering, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (rows.Count < MaxGathered && log.Waiting.TryRead(out var row))
            {
                rows.Add(row);
            }

            var partitions = rows.GroupBy(row => row.PartitionKey, StringComparer.Ordinal);
            foreach (var batch in partitions.SelectMany(partition => partition.Chunk(AuditTable.MaxBatch)))
            {
                await WriteAsync(batch);
            }

            rows.Clear();
        }
    }

    /// <summary>Writes a batch, trying again until it is written or the host doesn't wait any longer.</summary>
    private async Task WriteAsync(IReadOnlyList<TableEntity> batch)
    {
        for (var pause = FirstPause; ; pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await table.WriteAsync(batch, _givingUp.Token);
                return;
            }
            catch (RequestFailedException refusal) when (refusal.Status is 400 or 413 && batch.Count > 1)
            {
                // One that the table will never take must not keep back the others.
                foreach (var row in batch)
                {
                    await WriteAsync([row]);
                }

                return;
            }
            catch (RequestFailedException refusal) when (refusal.Status is 400 or 413)
            {
                LogRefused(logger, batch[0].GetString("Action"), batch[0].PartitionKey, refusal);
                return;
            }
            catch (Exception failure)
            {
                if (_givingUp.IsCancellationRequested)
                {
                    LogLost(logger, batch.Count, failure);
                    return;
                }

                LogFailed(logger, batch.Count, failure);
            }

            await Task.Delay(pause, time, _givingUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} audit events could not be written; they are tried again")]
    private static partial void LogFailed(ILogger logger, int count, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} audit events are lost: the service stops and could not write them")]
    private static partial void LogLost(ILogger logger, int count, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The table refuses an audit event {Action} of {Partition}")]
    private static partial void LogRefused(ILogger logger, string action, string partition, Exception failure);
}
