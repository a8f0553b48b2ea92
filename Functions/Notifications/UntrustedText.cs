using System.Globalization;
using System.Text;

namespace CasFunctions.Notifications;

/// <summary>Makes text that others wrote fit to stand in a mail's subject or in a line of its body.</summary>
internal static class UntrustedText
{
    private const int MaxLength = 1000;

    /// <summary>
    /// The text on one line and of bounded length: line breaks, control characters and the invisible marks that turn the direction of
    /// writing become blanks, and runs of blanks one blank.
    /// </summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaxLength + 1));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= MaxLength)
            {
                return line.Append('…').ToString();
            }

            if (!IsBlank(rune))
            {
                line.Append(rune);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return line.ToString().TrimEnd();
    }

    private static bool IsBlank(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
