using System.Collections.Concurrent;
using System.Globalization;

namespace CasFunctions.Tests.Soak;

/// <summary>Something that must never happen has happened.</summary>
internal sealed class ViolationException(string actor, string message) : Exception($"{actor}: {message}");

/// <summary>What was done, in memory: the last lines of each actor, to understand a violation, and counts of everything.</summary>
internal sealed class Journal(TimeProvider time)
{
    private const int LinesKept = 3000;

    private readonly long _start = time.GetTimestamp();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _lines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Time since the run began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>Notes a step of an actor.</summary>
    public void Write(string actor, string line)
    {
        var lines = _lines.GetOrAdd(actor, _ => new());
        lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds,9:0.000} {actor,-10} {line}"));
        if (lines.Count > LinesKept)
        {
            lines.TryDequeue(out _);
        }
    }

    /// <summary>Counts something that was done or seen.</summary>
    public void Count(string what) => _counts.AddOrUpdate(what, 1, (_, count) => count + 1);

    /// <summary>All counts, one a line.</summary>
    public IEnumerable<string> Counts() => _counts.OrderBy(count => count.Key, StringComparer.Ordinal)
        .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value,8} {count.Key}"));

    /// <summary>The sum of the counts of a kind.</summary>
    public int Sum(string kind) => _counts.Where(count => count.Key.StartsWith(kind, StringComparison.Ordinal)).Sum(count => count.Value);

    /// <summary>The violation of an invariant; throw what it returns.</summary>
    public ViolationException Violation(string actor, string message)
    {
        Write(actor, "VIOLATION " + message);
        return new(actor, message);
    }

    /// <summary>Writes all lines, in order of time, to a file.</summary>
    /// <returns>Its path.</returns>
    public async Task<string> DumpAsync(IEnumerable<string> more)
    {
        var path = Path.Combine(Path.GetTempPath(), $"casfunctions-soak-{Guid.NewGuid():n}.log");
        var lines = _lines.Values.SelectMany(actor => actor).Order(StringComparer.Ordinal);
        await File.WriteAllLinesAsync(path, [.. lines, "", .. Counts(), "", .. more]);
        return path;
    }
}
