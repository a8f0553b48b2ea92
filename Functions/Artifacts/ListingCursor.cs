using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CasFunctions.Artifacts;

/// <summary>Where the next page of a listing begins, as clients hand it back.</summary>
/// <param name="Month">The first moment of the month of the row, in UTC.</param>
/// <param name="Row">The key of the last row of the page before; empty for none of this month.</param>
public sealed record ListingCursor(DateTimeOffset Month, string Row)
{
    private const int MaxLength = 300;

    private static readonly long LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>What row keys of the listing consist of.</summary>
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("0123456789abcdef|");

    /// <summary>The first moment of the month of a moment, in UTC.</summary>
    public static DateTimeOffset MonthOf(DateTimeOffset moment) =>
        new(moment.UtcDateTime.Year, moment.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads what <see cref="ToString"/> wrote; null when the text is something else.</summary>
    public static ListingCursor? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength || !Base64Url.IsValid(text))
        {
            return null;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('~', 2);
        return parts.Length == 2
            && !parts[1].AsSpan().ContainsAnyExcept(KeyCharacters)
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= LastSecond
                ? new ListingCursor(MonthOf(DateTimeOffset.FromUnixTimeSeconds(seconds)), parts[1])
                : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes($"{Month.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}~{Row}"));
}
