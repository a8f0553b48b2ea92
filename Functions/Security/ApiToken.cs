using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace CasFunctions.Security;

/// <summary>
/// API tokens in the format that GitHub made known: a prefix that secret scanners recognise, 30 random base62 characters
/// (178 bits) and the CRC-32 of what precedes it in 6 more, so that a mistyped token costs no look-up.
/// </summary>
public static class ApiToken
{
    /// <summary>What every token starts with.</summary>
    public const string Prefix = "cas_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create(Alphabet);

    private const int RandomLength = 30;
    private const int ChecksumLength = 6;

    /// <summary>Makes a new token.</summary>
    public static string Create()
    {
        var body = Prefix + RandomNumberGenerator.GetString(Alphabet, RandomLength);
        return body + Checksum(body);
    }

    /// <summary>True when a text has the form of a token and its checksum is right.</summary>
    public static bool IsWellFormed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == Prefix.Length + RandomLength + ChecksumLength
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && !text.AsSpan(Prefix.Length).ContainsAnyExcept(Digits)
            && text.AsSpan(^ChecksumLength..).SequenceEqual(Checksum(text[..^ChecksumLength]));
    }

    /// <summary>
    /// What is stored of a token, in hexadecimal: its SHA-256. At this entropy a fast hash can't be searched.
    /// </summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static string Checksum(string body)
    {
        var rest = Crc32.HashToUInt32(Encoding.ASCII.GetBytes(body));
        Span<char> digits = stackalloc char[ChecksumLength];
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            digits[i] = Alphabet[(int)(rest % 62)];
            rest /= 62;
        }

        return new string(digits);
    }
}
