using CasFunctions.Digests;

namespace CasFunctions.Http;

/// <summary>
/// Preconditions (RFC 9110, section 13) against content whose one strong entity tag is its digest. A malformed field matches nothing:
/// If-Match then fails, while If-None-Match and If-Range give the whole content.
/// </summary>
public static class EntityTags
{
    /// <summary>The entity tag of content.</summary>
    public static string Of(Sha256Digest digest) => $"\"{digest}\"";

    /// <summary>Whether If-Match lets the request proceed (strong comparison); otherwise 412.</summary>
    /// <param name="header">The field; null when there is none.</param>
    /// <param name="current">The content's digest; null when there is no content.</param>
    public static bool IfMatchHolds(string? header, Sha256Digest? current) =>
        header is null || Matches(header, current, weak: false);

    /// <summary>Whether If-None-Match lets the request proceed (weak comparison); otherwise 304 for a GET or HEAD, and 412.</summary>
    /// <param name="header">The field; null when there is none.</param>
    /// <param name="current">The content's digest; null when there is no content.</param>
    public static bool IfNoneMatchHolds(string? header, Sha256Digest? current) =>
        header is null || !Matches(header, current, weak: true);

    /// <summary>
    /// Whether If-Range lets a Range header count: without the field, or when it is exactly this content's tag. Dates never match, as
    /// content has no modification time.
    /// </summary>
    public static bool IfRangeHolds(string? header, Sha256Digest current) =>
        header is null || header.AsSpan().Trim(" \t").SequenceEqual(Of(current));

    private static bool Matches(string header, Sha256Digest? current, bool weak)
    {
        var rest = header.AsSpan().Trim(" \t");
        if (rest is "*")
        {
            return current is not null;
        }

        var wanted = current is { } digest ? Of(digest) : "";
        var found = false;
        rest = rest.TrimStart(", \t");
        while (!rest.IsEmpty)
        {
            var isWeak = rest.StartsWith("W/");
            var tag = TagAt(isWeak ? rest[2..] : rest);
            if (tag.IsEmpty)
            {
                return false;
            }

            found |= (weak || !isWeak) && tag.SequenceEqual(wanted);
            rest = rest[(tag.Length + (isWeak ? 2 : 0))..].TrimStart(" \t");
            if (!rest.IsEmpty && rest[0] != ',')
            {
                return false;
            }

            rest = rest.TrimStart(", \t");
        }

        return found;
    }

    // The quoted tag at the start, quotes included; empty where there is none. Commas may be part of it.
    private static ReadOnlySpan<char> TagAt(ReadOnlySpan<char> text)
    {
        var length = text.StartsWith('"') ? text[1..].IndexOf('"') + 2 : 0;
        return length < 2 || text[1..(length - 1)].ContainsAnyInRange('\0', ' ') ? [] : text[..length];
    }
}
