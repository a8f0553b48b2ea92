using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CasFunctions.Http;

/// <summary>
/// Upload-Metadata of tus 1.0's creation extension: pairs separated by commas, each a key and, after a space, a value in base64.
/// </summary>
public static class UploadMetadata
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads the field. Keys are case-sensitive; a key without a value has an empty one; no field is no pairs. Refused are keys that
    /// are empty, not visible ASCII or there twice, and values that are not UTF-8 in base64.
    /// </summary>
    public static bool TryParse(string? header, [NotNullWhen(true)] out IReadOnlyDictionary<string, string>? values)
    {
        values = null;
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = header.AsSpan().Trim(" \t");
        if (text.IsEmpty)
        {
            values = read;
            return true;
        }

        foreach (var range in text.Split(','))
        {
            var pair = text[range].Trim(" \t");
            var space = pair.IndexOf(' ');
            var key = space < 0 ? pair : pair[..space];
            var base64 = space < 0 ? [] : pair[(space + 1)..];
            if (key.IsEmpty || key.ContainsAnyExceptInRange('!', '~')
                || !TryDecode(base64, out var value) || !read.TryAdd(key.ToString(), value))
            {
                return false;
            }
        }

        values = read;
        return true;
    }

    /// <summary>Writes the field. Pairs without a value are left out.</summary>
    public static string Write(params ReadOnlySpan<(string Key, string? Value)> values)
    {
        var written = new List<string>(values.Length);
        foreach (var (key, value) in values)
        {
            if (value is not null)
            {
                written.Add($"{key} {Convert.ToBase64String(StrictUtf8.GetBytes(value))}");
            }
        }

        return string.Join(',', written);
    }

    private static bool TryDecode(ReadOnlySpan<char> base64, [NotNullWhen(true)] out string? value)
    {
        value = null;
        var bytes = new byte[base64.Length / 4 * 3];

        // The decoder skips blanks and line ends, which the field doesn't allow.
        if (base64.ContainsAny(" \t\r\n") || !Convert.TryFromBase64Chars(base64, bytes, out var written))
        {
            return false;
        }

        try
        {
            value = StrictUtf8.GetString(bytes, 0, written);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
