using System.Globalization;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Input;

/// <summary>Spans of time as people write them, such as <c>90d</c>, <c>12h</c>, <c>30m</c> or <c>45s</c>.</summary>
internal static class Duration
{
    private const int MostDays = 36_500;

    /// <summary>Reads a span of time.</summary>
    /// <exception cref="CliFailure">It is none.</exception>
    public static TimeSpan Parse(string text)
    {
        var unit = text.Length > 1 ? text[^1] : ' ';
        var seconds = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        return seconds > 0 && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count <= MostDays * 86_400L / seconds
            ? TimeSpan.FromSeconds(count * seconds)
            : throw CliFailure.Usage($"'{text}' is not a span of time.", "It looks like 90d, 12h, 30m or 45s.");
    }
}
