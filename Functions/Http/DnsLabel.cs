namespace CasFunctions.Http;

/// <summary>Names in the form of a DNS label (RFC 1123, section 2.1, in lowercase), as backends and organizations have.</summary>
public static class DnsLabel
{
    /// <summary>Longest label, in characters.</summary>
    public const int MaxLength = 63;

    /// <summary>Whether the text is 1 to 63 lowercase ASCII letters, digits and hyphens, with no hyphen at either end.</summary>
    public static bool IsValid(string? text)
    {
        if (text is null or "" || text.Length > MaxLength || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        return text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
    }
}
