using System.Globalization;

namespace CasFunctions.Tests.Soak;

/// <summary>What a process holds at a moment.</summary>
/// <param name="Memory">Its resident memory in bytes.</param>
/// <param name="Handles">Its open files and sockets.</param>
/// <param name="Threads">Its threads.</param>
internal sealed record Holding(long Memory, int Handles, int Threads)
{
    /// <summary>What most of these held at the most.</summary>
    public static Holding Median(IReadOnlyCollection<Holding> samples) => new(
        Middle(samples.Select(sample => sample.Memory)),
        (int)Middle(samples.Select(sample => (long)sample.Handles)),
        (int)Middle(samples.Select(sample => (long)sample.Threads)));

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Memory / 1024 / 1024} MiB, {Handles} handles, {Threads} threads");

    private static long Middle(IEnumerable<long> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}

/// <summary>Measures an instance that is never killed, and compares the last third of the run with the first.</summary>
internal sealed class GrowthGauge(SoakWorld world, Instance instance)
{
    private const int FewestSamples = 90;
    private const long Slack = 96L * 1024 * 1024;
    private const int MoreHandles = 100;
    private const int MoreThreads = 24;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly List<Holding> _samples = [];

    /// <summary>Measures until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && OperatingSystem.IsLinux())
        {
            _samples.Add(Measure(instance.Process.ProcessId));
            await Task.Delay(Interval, world.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Compares.</summary>
    /// <returns>What was measured, in a sentence; null when the run was too short to tell.</returns>
    public string? Judge()
    {
        if (_samples.Count < FewestSamples)
        {
            return null;
        }

        var third = _samples.Count / 3;
        var first = Holding.Median(_samples[..third]);
        var last = Holding.Median(_samples[^third..]);
        var found = $"first third: {first}; last third: {last}";
        var grows = last.Memory > (first.Memory * 5 / 4) + Slack
            || last.Handles > first.Handles + MoreHandles
            || last.Threads > first.Threads + MoreThreads;
        return grows
            ? throw world.Journal.Violation("gauge", $"The service grows. {found}")
            : found;
    }

    private static Holding Measure(int process)
    {
        var status = File.ReadLines($"/proc/{process}/status")
            .Select(line => line.Split(':', 2))
            .Where(field => field[0] is "VmRSS" or "Threads")
            .ToDictionary(
                field => field[0],
                field => long.Parse(field[1].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture),
                StringComparer.Ordinal);
        return new(status["VmRSS"] * 1024, Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count(), (int)status["Threads"]);
    }
}
