using CasFunctions.Digests;

namespace CasFunctions.Http;

/// <summary>Upload-Checksum of tus 1.0's checksum extension: the algorithm, a space, the checksum in base64.</summary>
public static class TusChecksum
{
    /// <summary>The algorithms for Tus-Checksum-Algorithm.</summary>
    public const string Algorithms = "sha256";

    /// <summary>Reads the field.</summary>
    public static DigestField Parse(string? header)
    {
        var text = header.AsSpan().Trim(" \t");
        if (text.IsEmpty)
        {
            return new DigestField(DigestFieldState.Absent);
        }

        var space = text.IndexOf(' ');
        if (space < 0)
        {
            return new DigestField(DigestFieldState.Malformed);
        }

        if (!text[..space].SequenceEqual(Algorithms))
        {
            return new DigestField(DigestFieldState.Unsupported);
        }

        return Sha256Digest.TryParseBase64(text[(space + 1)..], out var digest)
            ? new DigestField(DigestFieldState.Present, digest)
            : new DigestField(DigestFieldState.Malformed);
    }
}
