using System.Globalization;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Input;

/// <summary>Sizes as people write them. Units are powers of 1024, with or without B or iB behind: 100M, 100MB and 100MiB are the same.</summary>
internal static class ByteSize
{
    private const string Units = "KMGT";

    /// <summary>Reads a size.</summary>
    /// <exception cref="CliFailure">It is none.</exception>
    public static long Parse(string text)
    {
        var number = text.Trim().ToUpperInvariant();
        number = number.EndsWith("IB", StringComparison.Ordinal) ? number[..^2] : number.EndsWith('B') ? number[..^1] : number;
        var unit = number.Length > 0 ? Units.IndexOf(number[^1], StringComparison.Ordinal) + 1 : 0;
        if (unit > 0)
        {
            number = number[..^1];
        }

        // Compared before it is multiplied, which could overflow.
        var factor = (decimal)(1L << (10 * unit));
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value <= long.MaxValue / factor
            && value * factor is >= 1 and var bytes
            ? (long)bytes
            : throw CliFailure.Usage($"'{text}' is not a size.", "A size looks like 500K, 100M, 2G or a number of bytes.");
    }

    /// <summary>Writes a size briefly in powers of 1024, such as <c>500K</c> or <c>100M</c>.</summary>
    public static string Brief(long bytes)
    {
        var unit = 0;
        decimal value = bytes;
        while (value >= 1024 && unit < Units.Length)
        {
            value /= 1024;
            unit++;
        }

        var number = value.ToString("0.#", CultureInfo.InvariantCulture);
        return unit == 0 ? number + "B" : number + Units[unit - 1];
    }

    /// <summary>Writes an amount that was moved in powers of 1000, such as <c>1.03KB</c>.</summary>
    public static string Moved(double bytes)
    {
        var unit = 0;
        while (bytes >= 1000 && unit < Units.Length)
        {
            bytes /= 1000;
            unit++;
        }

        return unit == 0 ? $"{bytes.ToString("0", CultureInfo.InvariantCulture)}B" : $"{bytes.ToString("0.00", CultureInfo.InvariantCulture)}{Units[unit - 1]}B";
    }
}
