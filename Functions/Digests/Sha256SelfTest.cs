using System.Security.Cryptography;
using System.Text;

namespace CasFunctions.Digests;

/// <summary>Known answers that an engine has to give before it is trusted: the examples of FIPS 180-4.</summary>
internal static class Sha256SelfTest
{
    private const string TwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    private const string TwoBlocksDigest = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";
    private const string MillionDigest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

    /// <summary>Whether the engine computes what it should, in one piece, in odd pieces, and taken up in the middle of a block.</summary>
    public static bool Passes(Sha256Engine engine)
    {
        try
        {
            return Gives(engine, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ""u8, 1)
                && Gives(engine, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc"u8, 1)
                && Gives(engine, TwoBlocksDigest, Encoding.ASCII.GetBytes(TwoBlocks), 1)
                && Gives(engine, MillionDigest, Encoding.ASCII.GetBytes(new string('a', 1000)), 1000);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // The piece is appended `times` times, with an export and resumption after each tenth piece.
    private static bool Gives(Sha256Engine engine, string expected, ReadOnlySpan<byte> piece, int times)
    {
        var hash = new ContentHash(engine);
        for (var i = 0; i < times; i++)
        {
            hash.Append(piece[..(piece.Length / 2)]);
            if (i % 10 == 0)
            {
                var state = hash.Export();
                hash.Dispose();
                hash = ContentHash.Resume(state, engine);
            }

            hash.Append(piece[(piece.Length / 2)..]);
        }

        using (hash)
        {
            return string.Equals(hash.GetCurrentDigest().Hex, expected, StringComparison.Ordinal);
        }
    }
}
