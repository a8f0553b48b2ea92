using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CasFunctions.Http;

/// <summary>Type of a structured item, as far as this app tells them apart.</summary>
public enum StructuredKind
{
    /// <summary>Well-formed, but of a type that no field here uses: decimal, string, token, date, display string, inner list.</summary>
    Other,

    /// <summary>An integer of at most 15 digits.</summary>
    Number,

    /// <summary>A boolean.</summary>
    Boolean,

    /// <summary>A byte sequence.</summary>
    Bytes,
}

/// <summary>The value of a structured item, without its parameters.</summary>
/// <param name="Kind">Its type.</param>
/// <param name="Number">An integer's value; 1 or 0 for a boolean.</param>
/// <param name="Bytes">A byte sequence's value; null for other types.</param>
public readonly record struct StructuredItem(StructuredKind Kind, long Number, ReadOnlyMemory<byte>? Bytes);

/// <summary>
/// Structured field values (RFC 9651), as far as uploads and digests need them. Several lines of one field are joined with commas before
/// they come here. Parameters are accepted and ignored.
/// </summary>
public static class StructuredFields
{
    /// <summary>Largest magnitude of an integer (section 3.3.1).</summary>
    public const long MaxInteger = 999_999_999_999_999;

    /// <summary>Reads a boolean, <c>?0</c> or <c>?1</c>.</summary>
    public static bool TryParseBoolean(string? text, out bool value)
    {
        var read = new StructuredFieldParser(text).TryReadItemField(out var item) && item.Kind == StructuredKind.Boolean;
        value = read && item.Number == 1;
        return read;
    }

    /// <summary>Reads an integer of at most 15 digits.</summary>
    public static bool TryParseInteger(string? text, out long value)
    {
        var read = new StructuredFieldParser(text).TryReadItemField(out var item) && item.Kind == StructuredKind.Number;
        value = read ? item.Number : 0;
        return read;
    }

    /// <summary>Reads a dictionary; an empty text is an empty one.</summary>
    public static bool TryParseDictionary(string? text, [NotNullWhen(true)] out IReadOnlyDictionary<string, StructuredItem>? members)
    {
        var read = new Dictionary<string, StructuredItem>(StringComparer.Ordinal);
        members = new StructuredFieldParser(text).TryReadDictionaryField(read) ? read : null;
        return members is not null;
    }

    /// <summary>Writes a boolean.</summary>
    public static string Write(bool value) => value ? "?1" : "?0";

    /// <summary>Writes an integer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Its magnitude is above <see cref="MaxInteger"/>.</exception>
    public static string Write(long value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxInteger);
        ArgumentOutOfRangeException.ThrowIfLessThan(value, -MaxInteger);
        return value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Writes a byte sequence.</summary>
    public static string Write(ReadOnlySpan<byte> value) => $":{Convert.ToBase64String(value)}:";

    /// <summary>
    /// Writes a dictionary of integers in the given order, as Upload-Limit carries them. Members without a value are left out.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A value's magnitude is above <see cref="MaxInteger"/>.</exception>
    public static string WriteDictionary(params ReadOnlySpan<(string Key, long? Value)> members)
    {
        var written = new List<string>(members.Length);
        foreach (var (key, value) in members)
        {
            if (value is { } number)
            {
                written.Add($"{key}={Write(number)}");
            }
        }

        return string.Join(", ", written);
    }
}
