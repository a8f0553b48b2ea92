using System.Buffers;

namespace CasFunctions.Http;

/// <summary>
/// Plain e-mail addresses that mail can be sent to: the dot-atom form of RFC 5322, section 3.4.1, at a domain name. Display names,
/// comments, quoted local parts and lists have no place here, so nothing in an accepted address can change a mail's headers.
/// </summary>
public static class EmailAddress
{
    /// <summary>Longest address, in characters (RFC 5321, section 4.5.3.1.3, without the angle brackets).</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;

    private static readonly SearchValues<char> LocalCharacters = SearchValues.Create(
        "!#$%&'*+-/=?^_`{|}~.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether the text is one address and nothing else.</summary>
    public static bool IsValid(string? text)
    {
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at is > 0 and <= MaxLocalLength && IsLocalPart(text.AsSpan(0, at)) && IsDomain(text[(at + 1)..]);
    }

    private static bool IsLocalPart(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExcept(LocalCharacters) && text[0] != '.' && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal);

    private static bool IsDomain(string text)
    {
        var labels = text.Split('.');
        return labels.Length > 1 && labels.All(label => DnsLabel.IsValid(label.ToLowerInvariant()) && label.All(char.IsAscii));
    }
}
