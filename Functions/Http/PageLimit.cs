using System.Globalization;

namespace CasFunctions.Http;

/// <summary>The query parameter <c>limit</c> of the calls that answer in pages.</summary>
public static class PageLimit
{
    private const int Default = 50;

    /// <summary>Reads it.</summary>
    /// <param name="text">The parameter; null when it was not given.</param>
    /// <param name="max">The most lines of a page.</param>
    /// <exception cref="ProblemException">400 when it is no number from 1 to <paramref name="max"/>.</exception>
    public static int Parse(string? text, int max) => text switch
    {
        null => Default,
        _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= max => limit,
        _ => throw Problems.InvalidRequest("limit", $"A page has 1 to {max} lines."),
    };
}
