using System.Globalization;

namespace CasFunctions.Tests.Soak;

/// <summary>How long a run is and what it takes.</summary>
/// <param name="Seed">Decides what the actors and the faults choose. How their steps interleave is up to the machine.</param>
/// <param name="Load">How long actors and faults are at work, before all is healed and checked.</param>
/// <param name="IsLong">Whether it is to find what only time shows, such as growth.</param>
internal sealed record SoakPlan(int Seed, TimeSpan Load, bool IsLong)
{
    private const int MiB = 1024 * 1024;
    private const long BytesPerHour = 8192L * MiB;
    private const long MostBytes = 4 * BytesPerHour;

    /// <summary>How many instances of the service there are.</summary>
    public int Instances => IsLong ? 3 : 2;

    /// <summary>How many of them are never killed, so that their growth can be measured.</summary>
    public int SparedInstances => IsLong ? 1 : 0;

    /// <summary>How many actors upload.</summary>
    public int Uploaders => IsLong ? 8 : 6;

    /// <summary>How many actors read.</summary>
    public int Readers => IsLong ? 5 : 4;

    /// <summary>The size of the largest content in bytes.</summary>
    public int LargestContent => (IsLong ? 96 : 40) * MiB;

    /// <summary>About how many bytes may have been sent after so long; beyond that only small contents are, to spare the disk.</summary>
    public static long BytesAfter(TimeSpan elapsed) => Math.Min(MostBytes, (long)(Math.Max(elapsed.TotalHours, 0.1) * BytesPerHour));

    /// <summary>The long form when <c>CAS_SOAK_HOURS</c> is set, as <c>./soak</c> does; else two minutes with a fixed seed.</summary>
    public static SoakPlan FromEnvironment()
    {
        var seed = Environment.GetEnvironmentVariable("CAS_SOAK_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : (int?)null;
        return Environment.GetEnvironmentVariable("CAS_SOAK_HOURS") is { Length: > 0 } hours
            ? new(seed ?? Random.Shared.Next(), TimeSpan.FromHours(double.Parse(hours, CultureInfo.InvariantCulture)), IsLong: true)
            : new(seed ?? 20260101, TimeSpan.FromMinutes(2), IsLong: false);
    }
}
