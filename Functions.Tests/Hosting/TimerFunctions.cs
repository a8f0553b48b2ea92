using System.Threading.Channels;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Hosting;

/// <summary>What a timer function does in a test.</summary>
internal sealed class TimerScript
{
    public Reports Reports { get; } = new();

    /// <summary>Run by the function after it reported its start.</summary>
    public Func<CancellationToken, Task> Body { get; set; } = _ => Task.CompletedTask;
}

internal sealed class TimerFunctions(TimerScript script, TimeProvider time)
{
    [Function("every-five-minutes")]
    public async Task RunAsync([TimerTrigger("%Every%")] TimerInfo timer, FunctionContext context, CancellationToken token)
    {
        script.Reports.Add(FormattableString.Invariant($"{time.GetUtcNow():MM-dd HH:mm:ss}{(timer.IsPastDue ? " late" : "")}"));
        await script.Body(token);
    }
}

internal static class StartupTimerFunctions
{
    [Function("at-start")]
    public static void Run([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer, FunctionContext context) =>
        ((TimerScript)context.InstanceServices.GetService(typeof(TimerScript))!).Reports.Add("ran");
}

/// <summary>A clock that stands still, and tells for how long its user wants to wait.</summary>
internal sealed class TestClock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 1, 0, TimeSpan.Zero))
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Lets the next wait begin.</summary>
    /// <returns>Its length.</returns>
    public Task<TimeSpan> NextWaitAsync() => _waits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
        .WaitAsync(TimeSpan.FromSeconds(10), System, TestContext.Current.CancellationToken);

    /// <summary>Lets the next wait begin, and then pass.</summary>
    /// <returns>Its length.</returns>
    public async Task<TimeSpan> PassNextWaitAsync()
    {
        var wait = await NextWaitAsync();
        Advance(wait);
        return wait;
    }
}
