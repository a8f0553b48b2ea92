using System.Buffers;
using System.Globalization;
using System.Text;
using CasFunctions.Digests;

namespace CasFunctions.Http;

/// <summary>
/// Writes Content-Disposition for a download (RFC 6266, with the extended value of RFC 8187). Stored names are data that anybody may
/// have chosen; what comes out is one plain file name that is safe in a header and on the file systems in use.
/// </summary>
public static class ContentDisposition
{
    /// <summary>Longest file name written, in UTF-8 bytes; file systems allow 255.</summary>
    public const int MaxNameBytes = 200;

    private const int MaxExtensionLength = 20;

    // No file name on Windows may have these; quotes and backslashes would also need escapes in the header.
    private static readonly SearchValues<char> Reserved = SearchValues.Create("\"*:<>?|");

    private static readonly SearchValues<char> DeviceDigits = SearchValues.Create("0123456789\u00b9\u00b2\u00b3");

    /// <summary>The field's value, <c>attachment</c> with a name in ASCII for old clients and in UTF-8 for all others.</summary>
    /// <param name="name">The stored name, however odd; null when there is none.</param>
    /// <param name="digest">Gives the name where the stored one leaves nothing usable.</param>
    public static string Attachment(string? name, Sha256Digest digest)
    {
        var safe = SafeName(name, digest);
        return $"attachment; filename=\"{Ascii(safe)}\"; filename*=UTF-8''{Uri.EscapeDataString(safe)}";
    }

    /// <summary>
    /// The last path component of the name without control, format (bidirectional marks among them) and reserved characters, no
    /// longer than <see cref="MaxNameBytes"/>, and not one of the device names of Windows.
    /// </summary>
    public static string SafeName(string? name, Sha256Digest digest)
    {
        var component = (name ?? "").AsSpan().TrimEnd("/\\");
        component = component[(component.LastIndexOfAny('/', '\\') + 1)..];
        var builder = new StringBuilder(component.Length);
        foreach (var rune in component.EnumerateRunes())
        {
            builder.Append(IsSafe(rune) ? rune.ToString() : "_");
        }

        var safe = Fit(builder.ToString().Trim());
        if (safe.Length == 0)
        {
            return "sha256-" + digest.Hex;
        }

        return IsDevice(safe) ? Fit("_" + safe) : safe;
    }

    // A lone surrogate is enumerated as the replacement character.
    private static bool IsSafe(Rune rune) => rune != Rune.ReplacementChar
        && !(rune.IsBmp && Reserved.Contains((char)rune.Value))
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);

    // Windows drops blanks and dots at the end, which could turn one name into another.
    private static string Fit(string name) => Shorten(name).TrimEnd(' ', '.');

    // Cuts the middle, so that the extension still tells the kind of file.
    private static string Shorten(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= MaxNameBytes)
        {
            return name;
        }

        var extension = Path.GetExtension(name);
        if (extension.Length > MaxExtensionLength)
        {
            extension = "";
        }

        var room = MaxNameBytes - Encoding.UTF8.GetByteCount(extension);
        var kept = 0;
        foreach (var rune in name.AsSpan(0, name.Length - extension.Length).EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            kept += rune.Utf16SequenceLength;
        }

        return name[..kept] + extension;
    }

    // "Naming Files, Paths, and Namespaces" of Windows: reserved with any extension.
    private static bool IsDevice(string name)
    {
        var stem = name.Split('.', 2)[0].TrimEnd(' ').ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL" or "CONIN$" or "CONOUT$"
            || (stem.Length == 4 && stem[..3] is "COM" or "LPT" && DeviceDigits.Contains(stem[3]));
    }

    // A percent sign is left out as well: some clients take it for an escape (RFC 6266, appendix D).
    private static string Ascii(string name)
    {
        var builder = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            builder.Append(rune.IsAscii && rune.Value != '%' ? (char)rune.Value : '_');
        }

        return builder.ToString();
    }
}
