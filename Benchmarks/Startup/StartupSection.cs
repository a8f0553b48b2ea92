using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Reporting;
using CasFunctions.Benchmarks.Servers;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Startup;

/// <summary>How soon a new process answers, and what it holds when nothing happens.</summary>
internal sealed class StartupSection : ISection
{
    private const double WantedSeconds = 1;
    private const long WantedIdleBytes = 100L << 20;

    /// <inheritdoc/>
    public string Letters => "h";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SectionReport>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var report = new SectionReport(
            "(h) Start",
            "The service as `dotnet publish -c Release` makes it for the local host: the time from the start of the process to the "
            + $"first 200 of `/v1/health`, which asks the tables, and its resident memory {IdleServices.IdleTime.TotalSeconds:0} "
            + "seconds later without any call.");
        var published = new List<PublishedService>();
        try
        {
            foreach (var ahead in (bool[])[false, true])
            {
                await PublishAsync(bench, ahead, published, report);
            }

            await using var tables = await Azurite.StartInMemoryAsync();
            await using var first = await ServiceUnderTest.StartAsync(BenchPrograms.Service, tables, []);
            var idle = new IdleServices();
            var variants = published.Select(service => new Variant(
                service.Name, (warmUp, token) => StartAsync(service, tables, first.TablePrefix, warmUp ? null : idle, token))).ToList();
            var results = await bench.RunAsync("Start", variants, cancellationToken);
            Conclude(report, published, results, await idle.ReadAsync());
        }
        finally
        {
            published.ForEach(service => service.Dispose());
        }

        return [report];
    }

    private static async Task PublishAsync(Bench bench, bool ahead, List<PublishedService> published, SectionReport report)
    {
        try
        {
            bench.Status("Publishing");
            published.Add(await PublishedService.PublishAsync(ahead));
        }
        catch (Exception failure) when (failure is InvalidOperationException or OperationCanceledException)
        {
            report.Failures.Add($"dotnet publish, ReadyToRun {ahead}: {SectionReport.Reason(failure)}");
        }
    }

    private static async Task<Sample> StartAsync(
        PublishedService published, Azurite tables, string tablePrefix, IdleServices? idle, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var service = await ServiceUnderTest.StartAsync(published.Program, tables, [], tablePrefix);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var cpu = ProcessFacts.CpuSeconds(service.ProcessId);
        if (idle is null)
        {
            await service.DisposeAsync();
        }
        else
        {
            idle.Keep(published.Name, service, cancellationToken);
        }

        return new Sample(seconds, 1, new Dictionary<string, double>(StringComparer.Ordinal) { [ProcessGroup.Service] = cpu });
    }

    private static void Conclude(SectionReport report, List<PublishedService> published, RoundResults results, ILookup<string, double> idle)
    {
        var table = new FigureTable("Start and idle memory",
            ["", "seconds to the first answer", "idle memory, MiB", "CPU seconds until then"]);
        foreach (var service in published)
        {
            var samples = results.Of(service.Name);
            table.Add(
                service.Name,
                results.Spread(service.Name, sample => sample.Seconds).Show("0.00"),
                Spread.Of(idle[service.Name].Select(bytes => bytes / (1024 * 1024))).Show("0"),
                samples.Cpu());
        }

        report.Tables.Add(table);
        report.Failures.AddRange(results.Failures);
        if (published.MinBy(service => results.Spread(service.Name, sample => sample.Seconds)?.Median ?? double.MaxValue) is not { } best)
        {
            return;
        }

        var seconds = results.Spread(best.Name, sample => sample.Seconds);
        var resident = Spread.Of(idle[best.Name]);
        report.Goals.Add(new Goal(
            $"(h) seconds to the first answer, {best.Name}", "less than 1", seconds.Show("0.00"), seconds?.Median < WantedSeconds));
        report.Goals.Add(new Goal(
            $"(h) idle memory, {best.Name}",
            $"less than {Figures.MiB(WantedIdleBytes)}",
            resident is { } bytes ? Figures.MiB(bytes.Median) : Figures.None,
            resident?.Median < WantedIdleBytes));
    }
}
