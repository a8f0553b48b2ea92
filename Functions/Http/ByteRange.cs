using System.Globalization;

namespace CasFunctions.Http;

/// <summary>What a Range header asks for, given the size of the content.</summary>
public enum ByteRangeKind
{
    /// <summary>No range applies: 200 with everything.</summary>
    None,

    /// <summary>One range, which may cover everything: 206.</summary>
    Satisfiable,

    /// <summary>The range lies outside the content: 416.</summary>
    Unsatisfiable,
}

/// <summary>
/// One byte range of content (RFC 9110, section 14). Other units, several ranges and malformed headers are ignored, as the RFC allows,
/// so they give the whole.
/// </summary>
/// <param name="Kind">Which answer is due.</param>
/// <param name="Offset">Position of the first byte to send.</param>
/// <param name="Length">Number of bytes to send.</param>
/// <param name="Size">Size of the whole content in bytes.</param>
public readonly record struct ByteRange(ByteRangeKind Kind, long Offset, long Length, long Size)
{
    /// <summary>Whether all of the content is to be sent, asked for by a range or not.</summary>
    public bool CoversWhole => Kind != ByteRangeKind.Unsatisfiable && Offset == 0 && Length == Size;

    /// <summary>The Content-Range field of a 206 or 416; null for a 200.</summary>
    public string? ContentRange => Kind switch
    {
        ByteRangeKind.Satisfiable => string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Length - 1}/{Size}"),
        ByteRangeKind.Unsatisfiable => string.Create(CultureInfo.InvariantCulture, $"bytes */{Size}"),
        _ => null,
    };

    /// <summary>Reads a Range header against content of the given size; null stands for a request without one.</summary>
    public static ByteRange Parse(string? header, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var text = header.AsSpan().Trim(" \t");
        const string Unit = "bytes=";
        var dash = text.IndexOf('-');
        if (!text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase) || dash < 0)
        {
            return Whole(size);
        }

        var first = text[Unit.Length..dash];
        var last = text[(dash + 1)..];
        return first.IsEmpty ? Suffix(last, size) : Between(first, last, size);
    }

    private static ByteRange Between(ReadOnlySpan<char> firstText, ReadOnlySpan<char> lastText, long size)
    {
        var last = long.MaxValue;
        if (!TryReadPosition(firstText, out var first) || (!lastText.IsEmpty && !TryReadPosition(lastText, out last)) || last < first)
        {
            return Whole(size);
        }

        return first >= size
            ? Outside(size)
            : new ByteRange(ByteRangeKind.Satisfiable, first, Math.Min(last, size - 1) - first + 1, size);
    }

    private static ByteRange Suffix(ReadOnlySpan<char> text, long size)
    {
        if (!TryReadPosition(text, out var length))
        {
            return Whole(size);
        }

        if (length == 0)
        {
            return Outside(size);
        }

        // The last bytes of nothing: satisfiable by the RFC, but no Content-Range can express it.
        return size == 0
            ? Whole(size)
            : new ByteRange(ByteRangeKind.Satisfiable, Math.Max(0, size - length), Math.Min(length, size), size);
    }

    private static ByteRange Whole(long size) => new(ByteRangeKind.None, 0, size, size);

    private static ByteRange Outside(long size) => new(ByteRangeKind.Unsatisfiable, 0, 0, size);

    // Any number of digits is well-formed; what no content can reach counts as the largest position.
    private static bool TryReadPosition(ReadOnlySpan<char> text, out long position)
    {
        position = 0;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out position))
        {
            position = long.MaxValue;
        }

        return true;
    }
}
