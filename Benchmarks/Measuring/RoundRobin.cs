using CasFunctions.Benchmarks.Reporting;
using Spectre.Console;

namespace CasFunctions.Benchmarks.Measuring;

/// <summary>One of the things that are compared.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="MeasureAsync">Runs it once. The first time is for warming up, and may do less.</param>
internal sealed record Variant(string Name, Func<bool, CancellationToken, Task<Sample>> MeasureAsync)
{
    /// <summary>
    /// Variants with the same contest are ways to the same end: after a few rounds only the fastest goes on, so that the comparison is
    /// with the best of them and doesn't take for ever.
    /// </summary>
    public string? Contest { get; init; }
}

/// <summary>
/// Measures variants in turn, round after round, each round in another order: what changes on the machine in the meantime hits all of
/// them, and ratios are taken within a round.
/// </summary>
/// <param name="rounds">How many rounds.</param>
/// <param name="status">Told what is being done.</param>
internal sealed class RoundRobin(int rounds, Action<string> status)
{
    private const int ContestRounds = 3;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    /// <summary>Runs all variants. One that fails is left out from then on, and the others go on.</summary>
    public async Task<RoundResults> RunAsync(string title, IReadOnlyList<Variant> variants, CancellationToken cancellationToken)
    {
        var results = new RoundResults(rounds);
        var running = new List<Variant>(variants);
        foreach (var variant in variants)
        {
            // The just-in-time compiler is done with code that runs often only after it has run for a while.
            status($"{title}: warming up {variant.Name}");
            var start = TimeProvider.System.GetTimestamp();
            do
            {
                await MeasureAsync(variant, null);
            }
            while (running.Contains(variant) && TimeProvider.System.GetElapsedTime(start) < WarmUp);
        }

        for (var round = 0; round < rounds && running.Count > 0; round++)
        {
            foreach (var variant in Rotated(running, round))
            {
                status($"{title}: round {round + 1} of {rounds}, {variant.Name}");
                await MeasureAsync(variant, round);
            }

            if (round + 1 == ContestRounds)
            {
                running.RemoveAll(variant => variant.Contest is { } contest && results.Fastest(contest, variants) != variant.Name);
            }
        }

        return results;

        async Task MeasureAsync(Variant variant, int? round)
        {
            try
            {
                var sample = await variant.MeasureAsync(round is null, cancellationToken);
                if (round is { } number)
                {
                    results.Add(variant.Name, number, sample);
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                running.Remove(variant);
                results.Failures.Add($"{variant.Name}: {SectionReport.Reason(failure)}");
                AnsiConsole.WriteLine($"{title}, {variant.Name}: {failure.Message}");
            }
        }
    }

    private static List<Variant> Rotated(List<Variant> variants, int round)
    {
        var first = round % variants.Count;
        return [.. variants[first..], .. variants[..first]];
    }
}
