namespace CasFunctions.Benchmarks.Load;

/// <summary>Asks for the service's health again and again while something else runs, and keeps the times.</summary>
internal sealed class HealthProbe : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _end = new();
    private readonly List<double> _times = [];
    private readonly Lock _lock = new();
    private readonly Task _loop;
    private string? _failure;

    private HealthProbe(LoadClient client) => _loop = Task.Run(() => AskAsync(client));

    /// <summary>Begins to ask.</summary>
    public static HealthProbe Start(LoadClient client) => new(client);

    /// <summary>Adds the times so far to a report.</summary>
    public void AddTo(LoadReport report)
    {
        lock (_lock)
        {
            if (_failure is not null)
            {
                report.Errors.Add("health: " + _failure);
            }

            var sorted = _times.Order().ToArray();
            report.Add(
                "health p50, longest",
                sorted.Length == 0 ? "-" : $"{LoadReport.Milliseconds(sorted[sorted.Length / 2])}, {LoadReport.Milliseconds(sorted[^1])}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
    }

    private async Task AskAsync(LoadClient client)
    {
        try
        {
            while (true)
            {
                var taken = await client.HealthAsync(_end.Token);
                lock (_lock)
                {
                    _times.Add(taken.TotalMilliseconds);
                }

                await Task.Delay(Interval, TimeProvider.System, _end.Token);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The scenario is over.
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            lock (_lock)
            {
                _failure = e.Message;
            }
        }
    }
}
