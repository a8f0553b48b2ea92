using System.Threading.Channels;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CasFunctions.LocalHost;

/// <summary>
/// Runs timer functions on their schedules. Runs of one timer never overlap: what falls due during a run follows it at once, as one
/// run however much fell due. A failed run is logged, and the schedule goes on.
/// </summary>
internal sealed partial class TimerService(
    FunctionCatalog catalog,
    IServiceScopeFactory scopes,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<TimerService> logger) : BackgroundService
{
    /// <summary>A timer can't wait for longer than about 49 days; a schedule can.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private static readonly TimeSpan Punctual = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (TimerFunction Function, Channel<DateTime> Due)> _timers = catalog.Timers.ToDictionary(
        function => function.Definition.Name,
        function => (function, Channel.CreateBounded<DateTime>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite })),
        StringComparer.OrdinalIgnoreCase);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Has a timer run now, or after its current run.</summary>
    /// <returns>False when there is no such timer.</returns>
    public bool RunNow(string name) => _timers.TryGetValue(name, out var timer) && timer.Due.Writer.TryWrite(Now);

    /// <summary>Runs until the host begins to stop, which is before it waits for open requests.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        await Task.WhenAll(_timers.Values.SelectMany(timer => new[]
        {
            TickAsync(timer.Function, timer.Due.Writer, stopping.Token),
            RunAsync(timer.Function, timer.Due.Reader, stopping.Token),
        }));
    }

    private async Task TickAsync(TimerFunction timer, ChannelWriter<DateTime> due, CancellationToken stopping)
    {
        if (timer.RunOnStartup)
        {
            due.TryWrite(Now);
        }

        var next = timer.Schedule.GetNextOccurrence(Now);
        while (true)
        {
            for (var wait = next - Now; wait > TimeSpan.Zero; wait = next - Now)
            {
                await Task.Delay(wait < LongestWait ? wait : LongestWait, time, stopping);
            }

            due.TryWrite(next);
            next = timer.Schedule.GetNextOccurrence(Now);
        }
    }

    private async Task RunAsync(TimerFunction timer, ChannelReader<DateTime> due, CancellationToken stopping)
    {
        await foreach (var moment in due.ReadAllAsync(stopping))
        {
            await RunOnceAsync(timer, new TimerInfo { IsPastDue = Now - moment >= Punctual }, stopping);
        }
    }

    private async Task RunOnceAsync(TimerFunction timer, TimerInfo info, CancellationToken stopping)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = new LocalFunctionContext(timer, scope.ServiceProvider, http: null, stopping);
        try
        {
            await timer.InvokeAsync(new Invocation(context, Http: null, info));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            LogStopped(timer.Definition.Name, context.InvocationId);
        }
        catch (Exception e)
        {
            LogFailed(e, timer.Definition.Name, context.InvocationId);
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Function} ({Invocation}) ended because the host stops")]
    private partial void LogStopped(string function, string invocation);

    [LoggerMessage(LogLevel.Error, "{Function} ({Invocation}) failed; its schedule goes on")]
    private partial void LogFailed(Exception exception, string function, string invocation);
}
