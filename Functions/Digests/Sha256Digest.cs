using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace CasFunctions.Digests;

/// <summary>
/// A SHA-256 content digest, written <c>sha256:</c> and 64 lowercase hexadecimal digits as in the OCI image specification.
/// The value is held as four big-endian words, so that equality and hashing need no allocation.
/// </summary>
public readonly record struct Sha256Digest
{
    /// <summary>Length of the binary digest in bytes.</summary>
    public const int ByteLength = 32;

    /// <summary>What precedes the hexadecimal digits in the text form.</summary>
    public const string Prefix = "sha256:";

    private readonly ulong _a, _b, _c, _d;

    /// <summary>Takes a digest from its 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public Sha256Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteLength)
        {
            throw new ArgumentException($"A SHA-256 digest has {ByteLength} bytes.", nameof(bytes));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>The 64 lowercase hexadecimal digits, without the prefix.</summary>
    public string Hex => string.Create(64, this, static (span, digest) =>
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        digest.CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, span, out _);
    });

    /// <summary>The digest in base64, as RFC 9530 fields carry it.</summary>
    public string Base64
    {
        get
        {
            Span<byte> bytes = stackalloc byte[ByteLength];
            CopyTo(bytes);
            return Convert.ToBase64String(bytes);
        }
    }

    /// <summary>Hashes content that is in memory.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        SHA256.HashData(content, bytes);
        return new Sha256Digest(bytes);
    }

    /// <summary>
    /// Reads <c>sha256:</c> followed by exactly 64 lowercase hexadecimal digits. Uppercase digits, other algorithms and
    /// surrounding blanks are refused, so that one content has one spelling.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Sha256Digest digest)
    {
        digest = default;
        return text is not null
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && TryParseHex(text.AsSpan(Prefix.Length), out digest);
    }

    /// <summary>Reads exactly 64 lowercase hexadecimal digits.</summary>
    public static bool TryParseHex(ReadOnlySpan<char> hex, out Sha256Digest digest)
    {
        digest = default;
        if (hex.Length != 2 * ByteLength || hex.ContainsAnyInRange('A', 'F'))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[ByteLength];
        if (Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        digest = new Sha256Digest(bytes);
        return true;
    }

    /// <summary>Reads the base64 form of RFC 9530 fields: 44 characters of the standard alphabet with padding.</summary>
    public static bool TryParseBase64(ReadOnlySpan<char> base64, out Sha256Digest digest)
    {
        digest = default;
        Span<byte> bytes = stackalloc byte[ByteLength + 1];
        if (base64.Length != 44 || !Convert.TryFromBase64Chars(base64, bytes, out var written) || written != ByteLength)
        {
            return false;
        }

        digest = new Sha256Digest(bytes[..ByteLength]);
        return true;
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>The text form, <c>sha256:</c> and 64 lowercase hexadecimal digits.</summary>
    public override string ToString() => Prefix + Hex;
}
