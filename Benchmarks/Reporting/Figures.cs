using System.Globalization;
using CasFunctions.Benchmarks.Measuring;

namespace CasFunctions.Benchmarks.Reporting;

/// <summary>Writes figures.</summary>
internal static class Figures
{
    /// <summary>What stands where there is no figure.</summary>
    public const string None = "-";

    /// <summary>Median and range.</summary>
    public static string Show(this Spread? spread, string format) => spread?.Show(format) ?? None;

    /// <summary>A number.</summary>
    public static string Show(this double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Median CPU seconds of each role, such as <c>service 1.52, store 3.01</c>.</summary>
    /// <param name="samples">The measurements.</param>
    /// <param name="scale">What the seconds are multiplied with.</param>
    /// <param name="format">Their format.</param>
    public static string Cpu(this IReadOnlyList<Sample> samples, Func<Sample, double>? scale = null, string format = "0.00")
    {
        return samples.Count == 0
            ? None
            : string.Join(", ", samples[0].Cpu.Keys.Select(role => $"{role} {Median(role).Show(format)}"));

        double Median(string role) => Spread.Of(samples.Select(sample => sample.Cpu[role] * (scale?.Invoke(sample) ?? 1)))!.Value.Median;
    }

    /// <summary>Bytes in MiB.</summary>
    public static string MiB(double bytes) => (bytes / (1024 * 1024)).Show("0") + " MiB";

    /// <summary>A goal that a ratio's median has to reach at least.</summary>
    public static Goal AtLeast(string name, double wanted, Spread? ratio) =>
        new(name, $"at least {wanted.Show("0.00")}", ratio.Show("0.00"), ratio is { } seen && seen.Median >= wanted);
}
