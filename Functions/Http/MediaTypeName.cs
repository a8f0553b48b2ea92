using System.Buffers;

namespace CasFunctions.Http;

/// <summary>Media types that clients name for their content: type, subtype and parameters (RFC 9110, section 8.3.1).</summary>
public static class MediaTypeName
{
    /// <summary>Longest media type accepted, in characters.</summary>
    public const int MaxLength = 255;

    // Token characters (RFC 9110, section 5.6.2) but for the asterisk, which would make a range of media types.
    private static readonly SearchValues<char> TypeCharacters = SearchValues.Create(
        "!#$%&'+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether the text is one media type, safe to be sent as Content-Type.</summary>
    public static bool IsValid(string? text)
    {
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        ReadOnlySpan<char> rest = text;
        if (!TakeToken(ref rest) || !Take(ref rest, '/') || !TakeToken(ref rest))
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            rest = rest.TrimStart(" \t");
            if (!Take(ref rest, ';'))
            {
                return false;
            }

            rest = rest.TrimStart(" \t");
            if (!TakeToken(ref rest) || !Take(ref rest, '=') || !(TakeQuoted(ref rest) || TakeToken(ref rest)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Take(ref ReadOnlySpan<char> rest, char expected)
    {
        var taken = rest.StartsWith(expected);
        rest = taken ? rest[1..] : rest;
        return taken;
    }

    private static bool TakeToken(ref ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAnyExcept(TypeCharacters);
        length = length < 0 ? rest.Length : length;
        rest = rest[length..];
        return length > 0;
    }

    private static bool TakeQuoted(ref ReadOnlySpan<char> rest)
    {
        if (!rest.StartsWith('"'))
        {
            return false;
        }

        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return true;
            }

            i += rest[i] == '\\' ? 1 : 0;
            if (i == rest.Length || rest[i] is not ('\t' or (>= ' ' and <= '~')))
            {
                return false;
            }
        }

        return false;
    }
}
