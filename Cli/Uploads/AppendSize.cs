namespace CasFunctions.Cli.Uploads;

/// <summary>
/// Sizes appends by time: each shall take about half of the longest time that one may take, judged by the speed of the one before, so that
/// little is lost when a connection breaks and no request outlives the time-outs of what is on the way.
/// </summary>
internal sealed class AppendSize
{
    /// <summary>The longest that one append may take.</summary>
    public static readonly TimeSpan LongestAppend = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The service stores in parts of this size; an append that ends between two parts costs it a detour.
    /// </summary>
    public const long Part = 8L << 20;

    private const long Smallest = 64 << 10;

    private long _next = Part;

    /// <summary>The most bytes that one append may have by the service's word.</summary>
    public long Limit { get; set; } = long.MaxValue;

    /// <summary>How many bytes the next append has.</summary>
    /// <param name="left">How many are left to send.</param>
    public long Next(long left) => Math.Min(left, Math.Min(_next, Limit));

    /// <summary>Learns from an append that was taken, or cut off for taking too long.</summary>
    /// <param name="bytes">How many bytes it moved.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Learn(long bytes, TimeSpan elapsed)
    {
        var fitting = bytes / Math.Max(elapsed.TotalSeconds, 0.001) * LongestAppend.TotalSeconds / 2;
        _next = fitting < Part ? Math.Max(Smallest, (long)fitting) : (long)(fitting / Part) * Part;
    }
}
