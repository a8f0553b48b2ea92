namespace CasFunctions.Benchmarks.Measuring;

/// <summary>One measurement.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Work">What was done meanwhile: MiB, or requests.</param>
/// <param name="Cpu">CPU seconds by role.</param>
internal sealed record Sample(double Seconds, double Work, IReadOnlyDictionary<string, double> Cpu)
{
    /// <summary>Work per second.</summary>
    public double Rate => Work / Seconds;

    /// <summary>The most resident memory of the service meanwhile, in bytes.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>How long each request took, in milliseconds.</summary>
    public IReadOnlyList<double> Latencies { get; init; } = [];
}
