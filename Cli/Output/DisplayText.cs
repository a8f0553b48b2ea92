using System.Globalization;
using System.Text;

namespace CasFunctions.Cli.Output;

/// <summary>Makes strangers' texts safe for terminals: names and descriptions come from whoever uploaded something.</summary>
internal static class DisplayText
{
    /// <summary>
    /// Writes control and formatting characters as <c>\u{…}</c>, so that a text can neither move the cursor nor change colours nor turn the
    /// direction of what follows it.
    /// </summary>
    public static string Safe(string? text)
    {
        if (text is null || text.EnumerateRunes().All(IsSafe))
        {
            return text ?? "";
        }

        var safe = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = IsSafe(rune) ? safe.Append(rune.ToString()) : safe.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }

        return safe.ToString();
    }

    /// <summary>True when a terminal shows it as a character and nothing else.</summary>
    public static bool IsSafe(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
