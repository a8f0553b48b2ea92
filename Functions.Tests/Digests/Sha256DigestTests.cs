using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http.Parsers;
using CsCheck;

namespace CasFunctions.Tests.Digests;

public sealed class Sha256DigestTests
{
    private const string Hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    [Fact]
    public void Every_form_of_a_digest_reads_back_as_the_same_digest()
    {
        Gen.Byte.Array[32].Sample(bytes =>
        {
            var digest = new Sha256Digest(bytes);
            Assert.Equal("sha256:" + Convert.ToHexStringLower(bytes), digest.ToString());
            Assert.Equal(Convert.ToBase64String(bytes), digest.Base64);
            Assert.True(Sha256Digest.TryParse(digest.ToString(), out var fromText));
            Assert.True(Sha256Digest.TryParseHex(digest.Hex, out var fromHex));
            Assert.True(Sha256Digest.TryParseBase64(digest.Base64, out var fromBase64));
            Assert.Equal([digest, digest, digest], new[] { fromText, fromHex, fromBase64 });
            var copy = new byte[32];
            fromText.CopyTo(copy);
            Assert.Equal(bytes, copy);
        }, iter: HostileText.Cases);
    }

    [Fact]
    public void The_digest_of_content_is_its_SHA_256() =>
        Gen.Byte.Array[0, 200].Sample(content => Sha256Digest.Of(content) == new Sha256Digest(SHA256.HashData(content)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData(Hex)]
    [InlineData("SHA256:" + Hex)]
    [InlineData("sha512:" + Hex)]
    [InlineData("sha256-" + Hex)]
    [InlineData("sha256:sha256:" + Hex)]
    [InlineData(" sha256:" + Hex)]
    [InlineData("sha256:" + Hex + " ")]
    [InlineData("sha256:" + Hex + "\n")]
    [InlineData("sha256:" + Hex + "00")]
    [InlineData("sha256:a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha256:Ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015aD")]
    [InlineData("sha256:ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha256:\uff42a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Anything_but_the_one_spelling_is_refused(string? text)
    {
        Assert.False(Sha256Digest.TryParse(text, out var digest));
        Assert.Equal(default, digest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0")]
    [InlineData("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0==")]
    [InlineData("ungWv48B z+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")]
    [InlineData("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=")]
    [InlineData("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFQ==")]
    [InlineData("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa00")]
    [InlineData("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfI Fa0=")]
    public void Base64_that_is_not_of_32_bytes_is_refused(string text) => Assert.False(Sha256Digest.TryParseBase64(text, out _));

    [Fact]
    public void Base64_with_stray_pad_bits_is_read_as_RFC_9651_asks()
    {
        Assert.True(Sha256Digest.TryParseBase64("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa1=", out var digest));
        Assert.Equal(Hex, digest.Hex);
    }

    [Fact]
    public void Bytes_of_another_length_are_refused() =>
        Gen.Byte.Array[0, 70].Where(bytes => bytes.Length != 32).Sample(bytes =>
            Assert.Throws<ArgumentException>(() => new Sha256Digest(bytes)));

    [Fact]
    public void Random_text_is_refused_or_is_the_digests_own_spelling()
    {
        var hexadecimal = Gen.String[Gen.Char["0123456789abcdefABCDEFg"], 62, 66];
        var lowercase = Gen.String[Gen.Char["0123456789abcdef"], 63, 65];
        var prefixes = Gen.OneOf(Gen.Const("sha256:"), Gen.OneOf(Gen.Const("SHA256:"), Gen.Const("sha512:"), Gen.Const("")));
        var likely = Gen.Select(prefixes, Gen.OneOf(hexadecimal, lowercase), (prefix, hex) => prefix + hex);
        var base64 = Gen.Byte.Array[31, 33].Select(Convert.ToBase64String);
        var near = HostileText.Near(Gen.OneOf(base64, Gen.Const("sha256:" + Hex), Gen.Const(Hex)));
        Gen.OneOf(HostileText.Any, likely, base64, near).Sample(text =>
        {
            if (Sha256Digest.TryParse(text, out var digest))
            {
                Assert.Equal(text, digest.ToString());
            }

            if (Sha256Digest.TryParseHex(text, out digest))
            {
                Assert.Equal(text, digest.Hex);
            }

            if (Sha256Digest.TryParseBase64(text, out digest))
            {
                // But for pad bits, which the last digit may carry without a meaning.
                Assert.Equal(text[..^2], digest.Base64[..^2]);
                Assert.True(Sha256Digest.TryParseBase64(digest.Base64, out var again));
                Assert.Equal(digest, again);
            }
        }, iter: HostileText.Cases);
    }
}
