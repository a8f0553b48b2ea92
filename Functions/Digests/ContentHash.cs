using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CasFunctions.Digests;

/// <summary>
/// A SHA-256 (FIPS 180-4) of content that arrives in pieces, perhaps in several requests to several instances:
/// <see cref="Export"/> gives a state that <see cref="Resume"/> continues from, whichever engine either side runs on.
/// Not safe for use by several threads at once.
/// </summary>
/// <remarks>
/// The framework's <see cref="IncrementalHash"/> can't give its state away, hence this class. An exported state is: one byte with
/// the format's version; the eight words of the hash value after the last complete block, big-endian; the number of bytes
/// hashed, 8 bytes big-endian; the bytes after the last complete block, 0 to 63 of them. State and hash are no secret in
/// themselves, but these last bytes are content.
/// </remarks>
public sealed class ContentHash : IDisposable
{
    /// <summary>Length in bytes of the longest exported state.</summary>
    public const int MaxStateLength = HeaderLength + BlockLength - 1;

    /// <summary>Most bytes that one hash can take: the bit count that SHA-256 appends has to fit in a signed 64-bit number.</summary>
    public const long MaxBytes = long.MaxValue / 8;

    internal const int BlockLength = 64;
    private const byte Version = 1;
    private const int CountOffset = 1 + (8 * sizeof(uint));
    private const int HeaderLength = CountOffset + sizeof(long);

    private readonly uint[] _words;
    private readonly byte[] _tail = new byte[BlockLength];
    private bool _disposed;

    /// <summary>Starts a hash of no bytes.</summary>
    /// <param name="engine">What does the computing; <see cref="Sha256Engine.Default"/> unless given.</param>
    public ContentHash(Sha256Engine? engine = null)
    {
        Engine = engine ?? Sha256Engine.Default;
        _words = [.. InitialWords];
    }

    /// <summary>What does the computing.</summary>
    public Sha256Engine Engine { get; }

    /// <summary>How many bytes have been hashed, those before a <see cref="Resume"/> included.</summary>
    public long BytesHashed { get; private set; }

    // The first 32 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4, 5.3.3).
    private static ReadOnlySpan<uint> InitialWords =>
    [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    ];

    private int TailLength => (int)(BytesHashed % BlockLength);

    /// <summary>Continues from an exported state.</summary>
    /// <param name="state">What <see cref="Export"/> gave.</param>
    /// <param name="engine">What does the computing; <see cref="Sha256Engine.Default"/> unless given.</param>
    /// <exception cref="FormatException">The state is not one that <see cref="Export"/> gives.</exception>
    public static ContentHash Resume(ReadOnlySpan<byte> state, Sha256Engine? engine = null)
    {
        if (state.Length < HeaderLength)
        {
            throw new FormatException($"A hash state has at least {HeaderLength} bytes; this one has {state.Length}.");
        }

        if (state[0] != Version)
        {
            throw new FormatException($"Hash state version {state[0]} is unknown; this program reads version {Version}.");
        }

        var count = BinaryPrimitives.ReadInt64BigEndian(state[CountOffset..]);
        if (count is < 0 or > MaxBytes)
        {
            throw new FormatException("The byte count of the hash state is out of range.");
        }

        var tail = state[HeaderLength..];
        if (tail.Length != count % BlockLength)
        {
            throw new FormatException(
                $"A hash state after {count} bytes ends in {count % BlockLength} bytes of content, not {tail.Length}.");
        }

        var hash = new ContentHash(engine) { BytesHashed = count };
        for (var i = 0; i < hash._words.Length; i++)
        {
            hash._words[i] = BinaryPrimitives.ReadUInt32BigEndian(state[(1 + (i * sizeof(uint)))..]);
        }

        if (count < BlockLength && !InitialWords.SequenceEqual(hash._words))
        {
            throw new FormatException("A hash state before the first complete block holds the initial hash value.");
        }

        tail.CopyTo(hash._tail);
        return hash;
    }

    /// <summary>Hashes the next bytes.</summary>
    /// <exception cref="InvalidOperationException">More than <see cref="MaxBytes"/> in all.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (bytes.Length > MaxBytes - BytesHashed)
        {
            throw new InvalidOperationException($"SHA-256 is computed over at most {MaxBytes} bytes.");
        }

        var tailLength = TailLength;
        BytesHashed += bytes.Length;
        if (tailLength > 0)
        {
            var taken = Math.Min(BlockLength - tailLength, bytes.Length);
            bytes[..taken].CopyTo(_tail.AsSpan(tailLength));
            bytes = bytes[taken..];
            if (tailLength + taken < BlockLength)
            {
                return;
            }

            Engine.Compress(_words, _tail);
        }

        var whole = bytes.Length - (bytes.Length % BlockLength);
        if (whole > 0)
        {
            Engine.Compress(_words, bytes[..whole]);
        }

        bytes[whole..].CopyTo(_tail);
    }

    /// <summary>The digest of the bytes hashed so far. More may be appended afterwards.</summary>
    public Sha256Digest GetCurrentDigest()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);

        // Padding (FIPS 180-4, 5.1.1): a one bit, zeros, and the bit count in the last 8 bytes of a block.
        Span<byte> padded = stackalloc byte[2 * BlockLength];
        padded.Clear();
        _tail.AsSpan(0, TailLength).CopyTo(padded);
        padded[TailLength] = 0x80;
        var length = TailLength < BlockLength - sizeof(long) ? BlockLength : 2 * BlockLength;
        BinaryPrimitives.WriteInt64BigEndian(padded[(length - sizeof(long))..], BytesHashed * 8);

        Span<uint> words = stackalloc uint[8];
        _words.CopyTo(words);
        Engine.Compress(words, padded[..length]);

        Span<byte> digest = stackalloc byte[Sha256Digest.ByteLength];
        WriteWords(words, digest);
        return new Sha256Digest(digest);
    }

    /// <summary>
    /// The state, to be continued by <see cref="Resume"/>: at most <see cref="MaxStateLength"/> bytes. Equal content gives equal states.
    /// More may be appended afterwards; the exported state does not change with it.
    /// </summary>
    public byte[] Export()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var state = new byte[HeaderLength + TailLength];
        state[0] = Version;
        WriteWords(_words, state.AsSpan(1));
        BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(CountOffset), BytesHashed);
        _tail.AsSpan(0, TailLength).CopyTo(state.AsSpan(HeaderLength));
        return state;
    }

    /// <summary>Wipes the last bytes of content from memory. The hash can't be used afterwards.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_tail);
        _disposed = true;
    }

    private static void WriteWords(ReadOnlySpan<uint> words, Span<byte> destination)
    {
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination[(i * sizeof(uint))..], words[i]);
        }
    }
}
