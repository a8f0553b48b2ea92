using System.Globalization;

namespace CasFunctions.Benchmarks.Load;

/// <summary>Resident memory of a process in bytes, sampled from <c>/proc</c> (Linux).</summary>
internal readonly record struct Memory(long Bytes)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bytes / (1024.0 * 1024):0} MiB");
}

/// <summary>Watches the resident memory of a process and keeps the most since the last reset.</summary>
internal sealed class MemorySampler : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly int _process;
    private readonly ITimer _timer;
    private long _peak;

    /// <summary>Begins to watch.</summary>
    public MemorySampler(int process)
    {
        _process = process;
        _timer = TimeProvider.System.CreateTimer(_ => Sample(), null, TimeSpan.Zero, Interval);
    }

    /// <summary>What the process has now.</summary>
    public Memory Now => new(Sample());

    /// <summary>The most since <see cref="Reset"/>.</summary>
    public Memory Peak => new(Interlocked.Read(ref _peak));

    /// <summary>Forgets the peak.</summary>
    public void Reset() => Interlocked.Exchange(ref _peak, 0);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private long Sample()
    {
        try
        {
            var line = File.ReadLines($"/proc/{_process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            var bytes = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
            var peak = Interlocked.Read(ref _peak);
            while (bytes > peak && Interlocked.CompareExchange(ref _peak, bytes, peak) is var seen && seen != peak)
            {
                peak = seen;
            }

            return bytes;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The process has ended; whoever waits for its answers says so.
            return 0;
        }
    }
}
