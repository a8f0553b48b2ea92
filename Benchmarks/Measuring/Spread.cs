using System.Globalization;

namespace CasFunctions.Benchmarks.Measuring;

/// <summary>The median of repeated measurements, and between what they lay.</summary>
internal readonly record struct Spread(double Median, double Least, double Most, int Count)
{
    /// <summary>Of these values; null when there are none.</summary>
    public static Spread? Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
        {
            return null;
        }

        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1], sorted.Length);
    }

    /// <summary>The value below which a share of the values lies.</summary>
    /// <param name="values">The values; at least one.</param>
    /// <param name="share">Such as 0.99.</param>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    /// <summary>Median and range with a number format such as <c>0.00</c>.</summary>
    public string Show(string format)
    {
        return $"{Write(Median)} ({Write(Least)} to {Write(Most)})";

        string Write(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
