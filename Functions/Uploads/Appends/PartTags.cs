using System.Buffers;
using System.Text;

namespace CasFunctions.Uploads.Appends;

/// <summary>
/// Packs the tags of up to 8,192 parts into a few table properties. The forms that stores really use, MD5 in hexadecimal with or without
/// quotes (S3) and 12 bytes in base64 (our Azure block ids), take their raw bytes and one more; any other takes its text and one byte.
/// </summary>
public static class PartTags
{
    private const int MaxTextLength = 100;
    private const byte QuotedHex = 0xF1;
    private const byte PlainHex = 0xF2;
    private const byte Base64 = 0xF3;
    private const int HexBytes = 16;
    private const int Base64Bytes = 12;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Packs tags.</summary>
    /// <exception cref="ArgumentException">A tag is longer than 100 bytes.</exception>
    public static byte[] Pack(IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var packed = new MemoryStream(tags.Count * (HexBytes + 1));
        foreach (var tag in tags)
        {
            var (form, bytes) = Encode(tag);
            packed.WriteByte(form);
            packed.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>Gives back what was packed.</summary>
    /// <exception cref="InvalidDataException">The bytes are not packed tags.</exception>
    public static IReadOnlyList<string> Unpack(ReadOnlySpan<byte> packed)
    {
        var tags = new List<string>();
        while (!packed.IsEmpty)
        {
            var form = packed[0];
            var length = form switch { QuotedHex or PlainHex => HexBytes, Base64 => Base64Bytes, _ => form };
            if ((form > MaxTextLength && length == form) || packed.Length <= length)
            {
                throw Damaged(null);
            }

            var bytes = packed.Slice(1, length);
            tags.Add(form switch
            {
                QuotedHex => $"\"{Convert.ToHexStringLower(bytes)}\"",
                PlainHex => Convert.ToHexStringLower(bytes),
                Base64 => Convert.ToBase64String(bytes),
                _ => TextOf(bytes),
            });
            packed = packed[(length + 1)..];
        }

        return tags;
    }

    private static string TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw Damaged(e);
        }
    }

    private static InvalidDataException Damaged(Exception? cause) => new("A session's part tags are damaged.", cause);

    private static (byte Form, byte[] Bytes) Encode(string tag)
    {
        var quoted = tag.Length == (2 * HexBytes) + 2 && tag[0] == '"' && tag[^1] == '"';
        if ((quoted || tag.Length == 2 * HexBytes) && TryHex(quoted ? tag.AsSpan(1, 2 * HexBytes) : tag, out var hash))
        {
            return (quoted ? QuotedHex : PlainHex, hash);
        }

        var id = new byte[Base64Bytes];
        if (tag.Length == Base64Bytes / 3 * 4 && Convert.TryFromBase64String(tag, id, out var written) && written == id.Length
            && Convert.ToBase64String(id) == tag)
        {
            return (Base64, id);
        }

        var text = Encoding.UTF8.GetBytes(tag);
        return text.Length <= MaxTextLength
            ? ((byte)text.Length, text)
            : throw new ArgumentException($"A part's tag has {text.Length} bytes.", nameof(tag));
    }

    private static bool TryHex(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        bytes = Convert.FromHexString(text);
        return true;
    }
}
