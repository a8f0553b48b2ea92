using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Tests.Hosting;

public sealed class TimerFunctionTests : IDisposable
{
    private const string RunUrl = "/admin/functions/every-five-minutes";

    private readonly TestClock _clock = new();
    private readonly TimerScript _script = new();
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task A_timer_runs_each_time_its_schedule_says()
    {
        await using var host = await StartAsync();

        Assert.Equal(TimeSpan.FromMinutes(4), await _clock.PassNextWaitAsync());
        Assert.Equal("01-01 00:05:00", await _script.Reports.NextAsync());
        Assert.Equal(TimeSpan.FromMinutes(5), await _clock.PassNextWaitAsync());
        Assert.Equal("01-01 00:10:00", await _script.Reports.NextAsync());
    }

    [Fact]
    public async Task A_schedule_may_be_months_away()
    {
        await using var host = await StartAsync(schedule: "0 0 0 1 6 *");

        for (var day = new DateTime(2026, 1, 1, 0, 1, 0, DateTimeKind.Utc); day < new DateTime(2026, 6, 1, 0, 0, 0, DateTimeKind.Utc);)
        {
            day += await _clock.PassNextWaitAsync();
        }

        Assert.Equal("06-01 00:00:00", await _script.Reports.NextAsync());
    }

    [Fact]
    public async Task What_falls_due_during_a_run_follows_it_once()
    {
        var first = new TaskCompletionSource();
        _script.Body = _ => first.Task;
        await using var host = await StartAsync();
        await _clock.PassNextWaitAsync();
        Assert.Equal("01-01 00:05:00", await _script.Reports.NextAsync());

        await _clock.PassNextWaitAsync();
        await _clock.PassNextWaitAsync();
        Assert.Equal(TimeSpan.FromMinutes(5), await _clock.NextWaitAsync());
        _clock.Advance(TimeSpan.FromMinutes(1));
        first.SetResult();

        Assert.Equal("01-01 00:16:00 late", await _script.Reports.NextAsync());
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("01-01 00:20:00", await _script.Reports.NextAsync());
    }

    [Fact]
    public async Task A_failed_run_is_logged_and_the_next_comes_on_time()
    {
        _script.Body = _ => throw new InvalidOperationException("broken");
        await using var host = await StartAsync();
        await _clock.PassNextWaitAsync();
        await _script.Reports.NextAsync();

        await _clock.PassNextWaitAsync();

        Assert.Equal("01-01 00:10:00", await _script.Reports.NextAsync());
        Assert.Equal("broken", _log.Errors.First().Exception?.Message);
    }

    [Fact]
    public async Task A_host_that_stops_cancels_a_run_and_waits_for_its_end()
    {
        var ended = false;
        _script.Body = async token =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
            finally
            {
                ended = true;
            }
        };
        await using var host = await StartAsync();
        await _clock.PassNextWaitAsync();
        await _script.Reports.NextAsync();

        await host.Host.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(ended);
        Assert.Empty(_log.Errors);
    }

    [Fact]
    public async Task A_run_at_startup_needs_no_clock()
    {
        await using var host = await StartAsync(typeof(StartupTimerFunctions));

        Assert.Equal("ran", await _script.Reports.NextAsync());
    }

    [Fact]
    public async Task The_local_user_may_run_a_timer_now()
    {
        await using var host = await StartAsync();

        using var response = await host.Client.PostAsync(RunUrl, content: null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("01-01 00:01:00", await _script.Reports.NextAsync());
    }

    [Theory]
    [InlineData(RunUrl, "Origin")]
    [InlineData(RunUrl, "X-Forwarded-For")]
    [InlineData("/admin/functions/unknown", "X-Nothing")]
    public async Task Nobody_else_may_run_a_timer(string path, string header)
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add(header, "192.0.2.1");

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("--AzureWebJobs.every-five-minutes.Disabled=true")]
    [InlineData("--AzureWebJobs:every-five-minutes:Disabled=1")]
    public async Task A_disabled_timer_does_not_run(string setting)
    {
        await using var host = await StartAsync(setting: setting);

        using var response = await host.Client.PostAsync(RunUrl, content: null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    public void Dispose() => _log.Dispose();

    private Task<TestHost> StartAsync(Type? functions = null, string schedule = "0 */5 * * * *", string setting = "--Unused=1") =>
        TestHost.StartAsync(
            [functions ?? typeof(TimerFunctions)],
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(_clock);
                builder.Services.AddSingleton(_script);
                builder.Logging.AddProvider(_log);
            },
            "--Every=" + schedule,
            setting);
}
