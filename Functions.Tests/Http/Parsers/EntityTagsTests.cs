using CasFunctions.Digests;
using CasFunctions.Http;
using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

public sealed class EntityTagsTests
{
    private const string Tag = "\"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"";
    private static readonly Sha256Digest Current = Sha256Digest.Of("abc"u8);

    [Fact]
    public void The_tag_is_the_quoted_digest() => Assert.Equal(Tag, EntityTags.Of(Current));

    [Theory]
    [InlineData(null, true, true)]
    [InlineData("*", true, false)]
    [InlineData(Tag, true, false)]
    [InlineData(" " + Tag + " ", true, false)]
    [InlineData("\"x\", " + Tag, true, false)]
    [InlineData(Tag + " ,, W/\"y\"", true, false)]
    [InlineData(", " + Tag, true, false)]
    [InlineData("\"a,b\"," + Tag, true, false)]
    [InlineData("W/" + Tag, false, false)]
    [InlineData("\"x\", W/" + Tag, false, false)]
    [InlineData("w/" + Tag, false, true)]
    [InlineData("\"x\"", false, true)]
    [InlineData("\"\"", false, true)]
    [InlineData("", false, true)]
    [InlineData("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", false, true)]
    [InlineData(Tag + " junk", false, true)]
    [InlineData(Tag + Tag, false, true)]
    [InlineData("junk, " + Tag, false, true)]
    [InlineData("\"open, " + Tag, false, true)]
    [InlineData("*, " + Tag, false, true)]
    public void If_Match_compares_strongly_and_If_None_Match_weakly(string? header, bool ifMatch, bool ifNoneMatch)
    {
        Assert.Equal(ifMatch, EntityTags.IfMatchHolds(header, Current));
        Assert.Equal(ifNoneMatch, EntityTags.IfNoneMatchHolds(header, Current));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("*", false)]
    [InlineData(Tag, false)]
    [InlineData("\"\"", false)]
    public void Without_content_only_a_missing_field_matches(string? header, bool ifMatch)
    {
        Assert.Equal(ifMatch, EntityTags.IfMatchHolds(header, null));
        Assert.True(EntityTags.IfNoneMatchHolds(header, null));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(Tag, true)]
    [InlineData(" " + Tag, true)]
    [InlineData("W/" + Tag, false)]
    [InlineData("*", false)]
    [InlineData("\"x\"", false)]
    [InlineData(Tag + ", " + Tag, false)]
    [InlineData("Tue, 24 Nov 2026 12:00:00 GMT", false)]
    [InlineData("", false)]
    public void If_Range_wants_exactly_this_tag(string? header, bool expected) =>
        Assert.Equal(expected, EntityTags.IfRangeHolds(header, Current));

    [Fact]
    public void No_field_without_the_tag_or_an_asterisk_matches() =>
        Gen.OneOf(
            HostileText.From(Tag, "W/", "\"x\"", "\"", ", ", ",", " ", "*"),
            HostileText.Near(Tag, "*", "\"a,b\", W/" + Tag + ", \"\"")).Sample(text =>
        {
            var named = text.Contains(Tag, StringComparison.Ordinal) || text.AsSpan().Trim(" \t") is "*";
            var ifMatch = EntityTags.IfMatchHolds(text, Current);
            var ifNoneMatch = EntityTags.IfNoneMatchHolds(text, Current);
            Assert.True(named || (!ifMatch && ifNoneMatch));
            Assert.False(ifMatch && ifNoneMatch);
            Assert.Equal(text.AsSpan().Trim(" \t").SequenceEqual(Tag), EntityTags.IfRangeHolds(text, Current));
        }, iter: HostileText.Cases);
}
