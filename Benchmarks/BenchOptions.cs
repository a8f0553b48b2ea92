using System.Globalization;

namespace CasFunctions.Benchmarks;

/// <summary>How the benchmarks are run.</summary>
/// <param name="Only">The letters of the sections to run.</param>
/// <param name="Rounds">How many rounds.</param>
/// <param name="Size">Size of large contents in bytes.</param>
/// <param name="Full">Whether to run what takes long, too.</param>
internal sealed record BenchOptions(string Only, int Rounds, long Size, bool Full)
{
    /// <summary>The letters of all sections.</summary>
    public const string AllSections = "abcdefgh";

    /// <summary>Size of large contents unless told: 2 GiB.</summary>
    public const long StandardSize = 2L << 30;

    /// <summary>How many rounds unless told.</summary>
    public const int StandardRounds = 9;

    private const long MostToWarmUp = 256L << 20;

    /// <summary>The size of large contents for warming up.</summary>
    public long WarmUpSize => Math.Min(Size, MostToWarmUp);

    /// <summary>The command that runs it so.</summary>
    public string CommandLine => "./bench"
        + (Only == AllSections ? "" : " --only " + string.Join(',', Only.ToCharArray()))
        + (Rounds == StandardRounds ? "" : string.Create(CultureInfo.InvariantCulture, $" --rounds {Rounds}"))
        + (Size == StandardSize ? "" : " --size " + ShowSize(Size))
        + (Full ? " --full" : "");

    /// <summary>True when one of these sections is wanted.</summary>
    public bool Wants(string letters) => letters.Any(Only.Contains);

    /// <summary>A size such as <c>2GiB</c>; null when the text is none.</summary>
    public static long? ParseSize(string text)
    {
        foreach (var (unit, bytes) in ((string, long)[])[("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)])
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && long.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return count * bytes;
            }
        }

        return null;
    }

    /// <summary>Writes a size.</summary>
    public static string ShowSize(long size) => size % (1L << 30) == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{size >> 30}GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{size / (1024.0 * 1024):0.###}MiB");
}
