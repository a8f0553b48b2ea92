using CasFunctions.Benchmarks.Reporting;

namespace CasFunctions.Benchmarks;

/// <summary>One or two subjects that are measured together, with the servers that they need.</summary>
internal interface ISection
{
    /// <summary>The letters by which it is chosen.</summary>
    string Letters { get; }

    /// <summary>Starts what it needs, measures, and stops it again.</summary>
    /// <returns>What it found; more than one report where it has more than one letter.</returns>
    Task<IReadOnlyList<SectionReport>> RunAsync(Bench bench, CancellationToken cancellationToken);
}
