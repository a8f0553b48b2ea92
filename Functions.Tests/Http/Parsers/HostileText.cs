using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

/// <summary>
/// Texts that clients should not send, for the property tests. A test that fails prints the seed of its case; with
/// <c>CsCheck_Seed=SEED</c> in the environment it begins with that case.
/// </summary>
internal static class HostileText
{
    /// <summary>How many texts a property is tried on.</summary>
    public const int Cases = 100_000;

    private static readonly Gen<string> Utf16 = Gen.Char.Array[0, 12].Select(characters => new string(characters));

    private static readonly Gen<string> Fragments = Gen.OneOf(
        "\r\n", "\r", "\n", "\0", "\t", " ", "\"", "\\", "/", "../", "..\\", ".", ",", ";", "=", ":", "*", "?1", "%", "%0d%0a", "'", "<",
        ">", "@", "\u007f", "\u0085", "\u00e9", "\u202e", "\u2066", "\u200f", "\ufeff", "\u2028", "\ud83d\ude00", "\ud83d", "\ude00",
        "CON", "nul", "COM1", "LPT\u00b9", ".txt", ".tar.gz", "a", "Z", "0", "9", "-", "W/", "sha256", "sha-256=", "bytes=",
        "99999999999999999999", new string('x', 300), new string('\u4e2d', 100));

    /// <summary>Arbitrary UTF-16, and pieces that mean something to one parser or another.</summary>
    public static Gen<string> Any { get; } = Gen.OneOf(Fragments.Array[0, 8].Select(string.Concat), Utf16);

    /// <summary>Texts from pieces of a grammar, which reach deeper into its parser, mixed with arbitrary ones.</summary>
    public static Gen<string> From(params string[] pieces) => Gen.Frequency(
        (3, Gen.OneOf(pieces).Array[0, 10].Select(string.Concat)),
        (1, Any));

    /// <summary>Valid texts and what is left of them after one to three changes: the neighbours of what is accepted.</summary>
    public static Gen<string> Near(Gen<string> valid) => Gen.Select(
        valid,
        Gen.Select(Gen.Int[0, 4], Gen.Double.Unit, Gen.OneOf(Fragments, Gen.Char.Select(character => character.ToString()))).Array[0, 3],
        (text, changes) => changes.Aggregate(text, (changed, change) => Change(changed, change.Item1, change.Item2, change.Item3)));

    /// <summary>Neighbours of these texts.</summary>
    public static Gen<string> Near(params string[] valid) => Near(Gen.OneOf(valid));

    private static string Change(string text, int kind, double where, string piece)
    {
        var at = (int)(where * text.Length);
        var after = Math.Min(at + 1, text.Length);
        return kind switch
        {
            0 => text.Insert(at, piece),
            1 => text[..at] + text[after..],
            2 => text[..at] + piece + text[after..],
            3 => text[..at],
            _ => text[..after] + text[at..],
        };
    }
}
