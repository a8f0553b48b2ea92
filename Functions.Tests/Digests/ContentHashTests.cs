using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CasFunctions.Digests;
using CsCheck;

namespace CasFunctions.Tests.Digests;

public sealed class ContentHashTests
{
    private static readonly Sha256Engine[] Engines =
        Sha256Engine.LibCrypto is { } native ? [Sha256Engine.Managed, native] : [Sha256Engine.Managed];

    /// <summary>The examples of FIPS 180-4.</summary>
    public static TheoryData<string, int, string> Vectors { get; } = new()
    {
        { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        {
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        },
        { "a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Every_engine_gives_the_known_digests(string piece, int times, string expected)
    {
        Assert.All(Engines, engine =>
        {
            using var hash = new ContentHash(engine);
            var bytes = Encoding.ASCII.GetBytes(piece);
            for (var i = 0; i < times; i++)
            {
                hash.Append(bytes);
            }

            Assert.Equal(expected, hash.GetCurrentDigest().Hex);
            Assert.Equal((long)bytes.Length * times, hash.BytesHashed);
        });
    }

    [Fact]
    public void Content_cut_anywhere_and_resumed_on_any_engine_gives_the_digest_of_the_whole()
    {
        var steps = Gen.Select(Gen.Int[0, 200], Gen.Int[0, Engines.Length - 1], Gen.Bool);
        Gen.Select(Gen.Byte.Array[0, 1000], steps.Array[0, 20]).Sample((content, plan) =>
        {
            var hash = new ContentHash(Engines[0]);
            var rest = content.AsSpan();
            foreach (var (length, engine, resume) in plan)
            {
                var piece = rest[..Math.Min(length, rest.Length)];
                hash.Append(piece);
                rest = rest[piece.Length..];
                if (resume)
                {
                    var state = hash.Export();
                    hash.Dispose();
                    hash = ContentHash.Resume(state, Engines[engine]);
                    Assert.Equal(state, hash.Export());
                }

                Assert.Equal(Sha256Digest.Of(content.AsSpan(0, content.Length - rest.Length)), hash.GetCurrentDigest());
            }

            hash.Append(rest);
            Assert.Equal(Sha256Digest.Of(content), hash.GetCurrentDigest());
            Assert.Equal(content.Length, hash.BytesHashed);
            hash.Dispose();
        }, iter: 20_000);
    }

    [Fact]
    public void Large_appends_at_odd_offsets_give_the_digest_of_the_whole()
    {
        var content = new byte[5_000_003];
        new Random(7).NextBytes(content);
        Assert.All(Engines, engine =>
        {
            using var first = new ContentHash(engine);
            first.Append(content.AsSpan(0, 1_234_567));
            using var second = ContentHash.Resume(first.Export(), engine);
            second.Append(content.AsSpan(1_234_567));
            Assert.Equal(Sha256Digest.Of(content), second.GetCurrentDigest());
        });
    }

    [Fact]
    public void The_exported_state_has_the_documented_layout()
    {
        using var hash = new ContentHash();
        hash.Append("abc"u8);
        Assert.Equal(
            "016a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19" + "0000000000000003" + "616263",
            Convert.ToHexStringLower(hash.Export()));
    }

    [Fact]
    public void No_state_is_longer_than_the_stated_maximum()
    {
        using var hash = new ContentHash();
        for (var i = 0; i < 130; i++)
        {
            Assert.InRange(hash.Export().Length, 41, ContentHash.MaxStateLength);
            hash.Append([(byte)i]);
        }
    }

    [Fact]
    public void A_state_that_no_hash_can_have_is_refused()
    {
        using var hash = new ContentHash();
        hash.Append(new byte[70]);
        var good = hash.Export();
        Refused([]);
        Refused(good[..40]);
        Refused(good[..^1]);
        Refused([.. good, 0]);
        Refused(With(good, state => state[0] = 0));
        Refused(With(good, state => state[0] = 2));
        Refused(With(good, state => BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(33), 71)));
        Refused(With(good, state => BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(33), 6)));
        Refused(With(good, state => BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(33), -58)));
        Refused(With(good, state => BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(33), (1L << 62) + 6)));
        using var resumed = ContentHash.Resume(With(good, state => BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(33), 134)));
        Assert.Equal(134, resumed.BytesHashed);

        static void Refused(byte[] state) => Assert.Throws<FormatException>(() => ContentHash.Resume(state));
    }

    [Fact]
    public void Random_bytes_are_refused_as_a_state_or_taken_up_exactly()
    {
        var parts = Gen.Select(Gen.Byte[0, 2], Gen.Byte.Array[32], Gen.Int[-5, 300], Gen.Byte.Array[0, 70]);
        var likely = parts.Select((version, words, count, tail) =>
        {
            var length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, count);
            return (byte[])[version, .. words, .. length, .. tail];
        });
        Gen.OneOf(Gen.Byte.Array[0, 110], likely).Sample(state =>
        {
            try
            {
                using var hash = ContentHash.Resume(state);
                Assert.Equal(state, hash.Export());
            }
            catch (FormatException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }, iter: 100_000);
    }

    [Fact]
    public void More_bytes_than_SHA_256_can_count_are_refused()
    {
        using var hash = new ContentHash();
        hash.Append(new byte[64]);
        var state = hash.Export();
        BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(33), ContentHash.MaxBytes - (ContentHash.MaxBytes % 64));
        using var nearlyFull = ContentHash.Resume(state);
        nearlyFull.Append(new byte[63]);
        Assert.Throws<InvalidOperationException>(() => nearlyFull.Append([0]));
        Assert.Equal(ContentHash.MaxBytes, nearlyFull.BytesHashed);
    }

    [Fact]
    public void A_disposed_hash_refuses_to_work()
    {
        var hash = new ContentHash();
        hash.Dispose();
        Assert.Throws<ObjectDisposedException>(() => hash.Append([1]));
        Assert.Throws<ObjectDisposedException>(() => hash.GetCurrentDigest());
        Assert.Throws<ObjectDisposedException>(hash.Export);
    }

    [Fact]
    public void The_default_engine_is_OpenSSLs_where_it_is_there()
    {
        Assert.SkipUnless(Sha256Engine.LibCrypto is not null, "There is no libcrypto on this machine.");
        Assert.Same(Sha256Engine.LibCrypto, Sha256Engine.Default);
        Assert.StartsWith("libcrypto", new ContentHash().Engine.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_computes_wrongly_or_fails_is_passed_over()
    {
        Assert.Same(Sha256Engine.Managed, Sha256Engine.Choose(new WrongEngine(), new FailingEngine(), Sha256Engine.Managed));
        Assert.Throws<InvalidOperationException>(() => Sha256Engine.Choose(new WrongEngine(), new FailingEngine()));
    }

    private static byte[] With(byte[] state, Action<byte[]> change)
    {
        var copy = state.ToArray();
        change(copy);
        return copy;
    }

    /// <summary>Right for short content, wrong for calls with many blocks, as a library with another context layout might be.</summary>
    private sealed class WrongEngine : Sha256Engine
    {
        public override string Name => "wrong";

        public override void Compress(Span<uint> words, ReadOnlySpan<byte> blocks)
        {
            Managed.Compress(words, blocks);
            if (blocks.Length > 128)
            {
                words[7]++;
            }
        }
    }

    private sealed class FailingEngine : Sha256Engine
    {
        public override string Name => "failing";

        public override void Compress(Span<uint> words, ReadOnlySpan<byte> blocks) =>
            throw new CryptographicException("Disabled by policy.");
    }
}
