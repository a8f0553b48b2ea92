using CasFunctions.Digests;

namespace CasFunctions.Http;

/// <summary>What a field with a digest says.</summary>
public enum DigestFieldState
{
    /// <summary>There is no field, or an empty one.</summary>
    Absent,

    /// <summary>It is well-formed, but has no SHA-256 digest.</summary>
    Unsupported,

    /// <summary>It can't be read, or its SHA-256 digest is not one of 32 bytes.</summary>
    Malformed,

    /// <summary>It has a SHA-256 digest.</summary>
    Present,
}

/// <summary>A field with a digest, read.</summary>
/// <param name="State">Whether there is a digest, and if not, why.</param>
/// <param name="Digest">The digest where <paramref name="State"/> is <see cref="DigestFieldState.Present"/>.</param>
public readonly record struct DigestField(DigestFieldState State, Sha256Digest Digest = default);

/// <summary>Repr-Digest and Content-Digest (RFC 9530). Only sha-256 is used; other algorithms beside it are ignored.</summary>
public static class DigestFields
{
    private const string Key = "sha-256";

    /// <summary>Reads the field.</summary>
    public static DigestField Parse(string? header)
    {
        if (!StructuredFields.TryParseDictionary(header, out var members))
        {
            return new DigestField(DigestFieldState.Malformed);
        }

        if (!members.TryGetValue(Key, out var item))
        {
            return new DigestField(members.Count == 0 ? DigestFieldState.Absent : DigestFieldState.Unsupported);
        }

        return item.Bytes is { Length: Sha256Digest.ByteLength } bytes
            ? new DigestField(DigestFieldState.Present, new Sha256Digest(bytes.Span))
            : new DigestField(DigestFieldState.Malformed);
    }

    /// <summary>Writes the field.</summary>
    public static string Write(Sha256Digest digest) => $"{Key}=:{digest.Base64}:";
}
