using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Usage;

/// <summary>
/// Brings what is counted into the table every few seconds, and once more when all other services have stopped, since requests that are
/// still being answered count.
/// </summary>
public sealed partial class UsageWriter(
    UsageMeter meter, UsageTable table, TimeProvider time, ILogger<UsageWriter> logger) : IHostedLifecycleService, IDisposable
{
    private const int AtOnce = 4;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LastPause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _givingUp = new();
    private Task _writing = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writing = WriteRegularlyAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _closing.CancelAsync();
        await using (cancellationToken.Register(_givingUp.Cancel))
        {
            await _writing;
            await WriteLastAsync();
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

    private async Task WriteRegularlyAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await WriteAsync();
        }
    }

    private async Task WriteLastAsync()
    {
        while (meter.HasCounts)
        {
            if (_givingUp.IsCancellationRequested)
            {
                LogLost(logger);
                return;
            }

            if (!await WriteAsync())
            {
                await Task.Delay(LastPause, time, _givingUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>True when all of it is written.</returns>
    private async Task<bool> WriteAsync()
    {
        var complete = true;
        await Parallel.ForEachAsync(meter.Take(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (share, _) =>
        {
            if (!await WriteAsync(share))
            {
                Volatile.Write(ref complete, false);
            }
        });
        return complete;
    }

    private async Task<bool> WriteAsync(UsageShare share)
    {
        try
        {
            if (await table.TryAddAsync(share, _givingUp.Token))
            {
                meter.Settle(share);
                return true;
            }
        }
        catch (Exception failure)
        {
            LogFailed(logger, share.Key.Backend, share.Key.Organization, failure);
        }

        return false;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The usage of backend {Backend} of organization {Organization} could not be written; it is tried again")]
    private static partial void LogFailed(ILogger logger, string backend, string organization, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Counts of usage are lost: the service stops and could not write them")]
    private static partial void LogLost(ILogger logger);
}
