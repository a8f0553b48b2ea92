using System.Security.Cryptography;
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
        any.Array[0, 50].Sample(tags => Assert.Equal(tags, PartTags.Unpack(PartTags.Pack(tags))));
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
    public void Damaged_bytes_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => PartTags.Unpack([101]));
        Assert.Throws<InvalidDataException>(() => PartTags.Unpack([5, 1, 2]));
        Assert.Throws<InvalidDataException>(() => PartTags.Unpack([0xF1, 1, 2]));
        Assert.Throws<ArgumentException>(() => PartTags.Pack([new string('x', 101)]));
    }
}
