using System.Text;
using CasFunctions.Digests;

namespace CasFunctions.Cli.Downloads;

/// <summary>
/// Makes a file name of a stored name. Whoever uploaded the content chose the stored name; it must not lead out of the target folder, nor
/// name a device, a hidden file or something that looks like another name.
/// </summary>
internal static class LocalName
{
    /// <summary>The longest name that common file systems take, in bytes of UTF-8.</summary>
    private const int MaxBytes = 255;

    // Windows refuses or reinterprets these; keeping away from them everywhere makes names mean the same on all systems.
    private const string Forbidden = "<>:\"/\\|?*";

    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
            .. "0123456789\u00b9\u00b2\u00b3".SelectMany(digit => new[] { $"COM{digit}", $"LPT{digit}" })],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>A safe file name.</summary>
    /// <param name="stored">The stored name; null when there is none.</param>
    /// <param name="digest">Names the file when nothing is left of the stored name.</param>
    public static string Of(string? stored, Sha256Digest digest)
    {
        // Of a path, the last part is the name.
        var last = (stored ?? "").Split('/', '\\')[^1];
        var name = new StringBuilder(last.Length);
        var bytes = 0;
        foreach (var rune in last.EnumerateRunes())
        {
            var kept = IsAllowed(rune) ? rune : new Rune('_');
            if ((bytes += kept.Utf8SequenceLength) > MaxBytes)
            {
                break;
            }

            name.Append(kept.ToString());
        }

        var safe = name.ToString().TrimEnd('.', ' ').TrimStart(' ');
        if (safe.StartsWith('.'))
        {
            safe = "_" + safe[1..];
        }

        return safe.Length == 0 ? digest.Hex : Devices.Contains(safe.Split('.')[0].TrimEnd()) ? "_" + safe[1..] : safe;
    }

    private static bool IsAllowed(Rune rune) =>
        Output.DisplayText.IsSafe(rune) && !(rune.IsAscii && Forbidden.Contains((char)rune.Value, StringComparison.Ordinal));
}
