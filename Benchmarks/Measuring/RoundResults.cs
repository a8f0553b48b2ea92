namespace CasFunctions.Benchmarks.Measuring;

/// <summary>What rounds of measurements gave.</summary>
/// <param name="rounds">How many rounds there were.</param>
internal sealed class RoundResults(int rounds)
{
    private readonly Dictionary<string, Sample?[]> _samples = new(StringComparer.Ordinal);

    /// <summary>What went wrong.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Keeps a measurement.</summary>
    public void Add(string variant, int round, Sample sample)
    {
        if (!_samples.TryGetValue(variant, out var samples))
        {
            _samples[variant] = samples = new Sample?[rounds];
        }

        samples[round] = sample;
    }

    /// <summary>The measurements of a variant; none when it failed.</summary>
    public IReadOnlyList<Sample> Of(string variant) =>
        _samples.TryGetValue(variant, out var samples) ? [.. samples.OfType<Sample>()] : [];

    /// <summary>Any value of a variant's measurements; null when it has none.</summary>
    public Spread? Spread(string variant, Func<Sample, double> value) => Measuring.Spread.Of(Of(variant).Select(value));

    /// <summary>How the rate of one variant relates to another's in the same round; null when they have no round in common.</summary>
    public Spread? Ratio(string variant, string other) => Ratio(variant, other, sample => sample.Rate);

    /// <summary>How a value of one variant relates to another's in the same round; null when they have no round in common.</summary>
    public Spread? Ratio(string variant, string other, Func<Sample, double> value) =>
        _samples.TryGetValue(variant, out var ours) && _samples.TryGetValue(other, out var theirs)
            ? Measuring.Spread.Of(ours.Zip(theirs)
                .Where(pair => pair is { First: not null, Second: not null })
                .Select(pair => value(pair.First!) / value(pair.Second!)))
            : null;

    /// <summary>The variant of a contest with the highest median rate; null when none was measured.</summary>
    public string? Fastest(string contest, IEnumerable<Variant> variants) => variants
        .Where(variant => variant.Contest == contest && Of(variant.Name).Count > 0)
        .MaxBy(variant => Spread(variant.Name, sample => sample.Rate)!.Value.Median)?.Name;
}
