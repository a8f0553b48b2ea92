using System.Text;

namespace CasFunctions.Providers;

/// <summary>How names travel in the stores' metadata, which takes ASCII only.</summary>
public static class BlobMetadata
{
    /// <summary>S3 allows 2 KB for all of an object's metadata, names included; Azure allows 8.</summary>
    private const int MaxEncodedName = 1024;

    /// <summary>Percent-encodes a name (RFC 3986), cut at a whole character to at most 1,024 ASCII characters.</summary>
    public static string EncodeName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var encoded = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            var piece = Uri.EscapeDataString(rune.ToString());
            if (encoded.Length + piece.Length > MaxEncodedName)
            {
                break;
            }

            encoded.Append(piece);
        }

        return encoded.ToString();
    }
}
