using System.Collections.Concurrent;
using System.Globalization;
using Spectre.Console;

namespace CasFunctions.Benchmarks.Load;

/// <summary>What happened while a scenario ran.</summary>
/// <param name="Title">What ran.</param>
internal sealed record LoadReport(string Title)
{
    private readonly ConcurrentBag<(double Latency, double Whole, double DoneAt)> _uploads = [];
    private readonly long _begun = TimeProvider.System.GetTimestamp();
    private long _bytes;
    private int _putOff;

    /// <summary>What should not have happened.</summary>
    public ConcurrentBag<string> Errors { get; } = [];

    /// <summary>What is told besides, in the order in which it is shown.</summary>
    public List<(string Name, string Value)> Facts { get; } = [];

    /// <summary>An upload that succeeded at last.</summary>
    /// <param name="last">How long its last request took.</param>
    /// <param name="whole">How long it took with all that was put off before.</param>
    /// <param name="bytes">Its content's size.</param>
    public void Done(TimeSpan last, TimeSpan whole, long bytes)
    {
        _uploads.Add((last.TotalMilliseconds, whole.TotalMilliseconds, TimeProvider.System.GetElapsedTime(_begun).TotalMilliseconds));
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <summary>A request that was answered with 503 and Retry-After.</summary>
    public void PutOff() => Interlocked.Increment(ref _putOff);

    /// <summary>Adds the figures of uploads.</summary>
    /// <param name="elapsed">How long all of it took.</param>
    /// <param name="memory">The service's memory meanwhile.</param>
    public void Conclude(TimeSpan elapsed, MemorySampler memory)
    {
        var sorted = _uploads.OrderBy(upload => upload.Latency).ToArray();
        if (sorted.Length > 0)
        {
            var slowest = Math.Min(sorted.Length - 1, sorted.Length * 99 / 100);
            var began = sorted[slowest..].Select(upload => upload.DoneAt - upload.Whole).ToArray();
            Add("uploads", sorted.Length.ToString(CultureInfo.InvariantCulture));
            Add("uploads/s", (sorted.Length / elapsed.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture));
            Add("MiB/s", (_bytes / elapsed.TotalSeconds / (1024 * 1024)).ToString("0.0", CultureInfo.InvariantCulture));
            Add("p50", Milliseconds(sorted[sorted.Length / 2].Latency));
            Add("p99", Milliseconds(sorted[slowest].Latency));
            Add("slowest 1 % began at", $"{Milliseconds(began.Min())} to {Milliseconds(began.Max())}");
            Add("longest, with waits", Milliseconds(_uploads.Max(upload => upload.Whole)));
            Add("503 with Retry-After", _putOff.ToString(CultureInfo.InvariantCulture));
        }

        Add("peak memory", memory.Peak.ToString());
    }

    /// <summary>Adds a figure.</summary>
    public void Add(string name, string value) => Facts.Add((name, value));

    /// <summary>Writes it to the console.</summary>
    public void Print()
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine(Title);
        foreach (var (name, value) in Facts)
        {
            AnsiConsole.WriteLine($"  {name,-22}{value}");
        }

        foreach (var error in Errors.GroupBy(error => error, StringComparer.Ordinal).Take(10))
        {
            AnsiConsole.WriteLine($"  ERROR × {error.Count()}: {error.Key}");
        }
    }

    /// <summary>Writes a time.</summary>
    public static string Milliseconds(double value) => value.ToString("0", CultureInfo.InvariantCulture) + " ms";
}
