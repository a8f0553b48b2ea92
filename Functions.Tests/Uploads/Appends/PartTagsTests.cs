using System.Security.Cryptography;
using CasFunctions.Tests.Http.Parsers;
using CasFunctions.Uploads.Appends;
using CsCheck;

namespace CasFunctions.Tests.Uploads.Appends;

public sealed class PartTagsTests
{
    [Fact]
    public void Any_tags_come_back_as_they_were()
    {
        var hex = Gen.Byte.Array[16].Select(Convert.ToHexStringLower);
        var any = Gen.OneOf(
            hex,
            hex.Select(text => $"\"{text}\""),
            hex.Select(text => text.ToUpperInvariant()),
            Gen.Byte.Array[12].Select(Convert.ToBase64String),
            Gen.String[Gen.Char.AlphaNumeric, 0, 100],
            Gen.String[Gen.Char["\"-/+=ab0"], 0, 40]);
        any.Array[0, 12].Sample(tags => Assert.Equal(tags, PartTags.Unpack(PartTags.Pack(tags))), iter: HostileText.Cases);
    }

    [Fact]
    public void The_tags_of_the_largest_content_leave_room_in_a_row_of_1_MiB()
    {
        const int Parts = 8192;
        var md5 = Enumerable.Range(0, Parts).Select(_ => $"\"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}\"").ToList();
        var blocks = Enumerable.Range(0, Parts).Select(_ => Convert.ToBase64String(RandomNumberGenerator.GetBytes(12))).ToList();
        var longest = Enumerable.Range(0, Parts).Select(_ => new string('x', 100)).ToList();

        Assert.Equal(Parts * 17, PartTags.Pack(md5).Length);
        Assert.Equal(Parts * 13, PartTags.Pack(blocks).Length);
        Assert.InRange(PartTags.Pack(longest).Length, 0, 900_000);
    }

    [Fact]
    public void Random_bytes_are_refused_or_packed_again_to_the_same_tags()
    {
        var form = Gen.OneOf(Gen.Byte, Gen.OneOf<byte>(0, 5, 16, 100, 101, 0xF1, 0xF2, 0xF3));
        var likely = Gen.Select(form, Gen.OneOf(Gen.Byte[(byte)' ', (byte)'~'], Gen.Byte).Array[0, 20], (first, rest) =>
            (byte[])[first, .. rest]);
        Gen.OneOf(Gen.Byte.Array[0, 60], likely, Gen.Select(likely, likely, (one, other) => (byte[])[.. one, .. other])).Sample(packed =>
        {
            IReadOnlyList<string> tags;
            try
            {
                tags = PartTags.Unpack(packed);
            }
            catch (InvalidDataException)
            {
                return;
            }

            Assert.Equal(tags, PartTags.Unpack(PartTags.Pack(tags)));
        }, iter: HostileText.Cases);
    }

    [Fact]
    public void Damaged_bytes_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => PartTags.Unpack([101]));
        Assert.Throws<InvalidDataException>(() => PartTags.Unpack([5, 1, 2]));
        Assert.Throws<InvalidDataException>(() => PartTags.Unpack([0xF1, 1, 2]));
        Assert.Throws<ArgumentException>(() => PartTags.Pack([new string('x', 101)]));
    }
}
