using System.Globalization;
using CasFunctions.Http;
using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 100, 0, 1, "bytes 0-0/100")]
    [InlineData("bytes=0-99", 100, 0, 100, "bytes 0-99/100")]
    [InlineData("bytes=10-19", 100, 10, 10, "bytes 10-19/100")]
    [InlineData("bytes=90-200", 100, 90, 10, "bytes 90-99/100")]
    [InlineData("bytes=90-", 100, 90, 10, "bytes 90-99/100")]
    [InlineData("bytes=-30", 100, 70, 30, "bytes 70-99/100")]
    [InlineData("bytes=-300", 100, 0, 100, "bytes 0-99/100")]
    [InlineData("BYTES=1-2", 100, 1, 2, "bytes 1-2/100")]
    [InlineData(" bytes=1-2 ", 100, 1, 2, "bytes 1-2/100")]
    [InlineData("bytes=5-99999999999999999999999", 100, 5, 95, "bytes 5-99/100")]
    [InlineData("bytes=-99999999999999999999999", 100, 0, 100, "bytes 0-99/100")]
    public void A_single_range_is_cut_to_the_content(string header, long size, long offset, long length, string contentRange)
    {
        var range = ByteRange.Parse(header, size);
        Assert.Equal(new ByteRange(ByteRangeKind.Satisfiable, offset, length, size), range);
        Assert.Equal(contentRange, range.ContentRange);
        Assert.Equal(length == size, range.CoversWhole);
    }

    [Theory]
    [InlineData("bytes=100-", 100)]
    [InlineData("bytes=100-200", 100)]
    [InlineData("bytes=99999999999999999999999-", 100)]
    [InlineData("bytes=-0", 100)]
    [InlineData("bytes=0-", 0)]
    public void A_range_outside_the_content_is_unsatisfiable(string header, long size)
    {
        var range = ByteRange.Parse(header, size);
        Assert.Equal(ByteRangeKind.Unsatisfiable, range.Kind);
        Assert.Equal("bytes */" + size.ToString(CultureInfo.InvariantCulture), range.ContentRange);
        Assert.False(range.CoversWhole);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=--5")]
    [InlineData("bytes=5")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1 - 2")]
    [InlineData("bytes=\u0661-2")]
    [InlineData("bytes=0x1-2")]
    [InlineData("items=0-1")]
    [InlineData("-bytes=0-1")]
    public void Anything_else_is_ignored(string? header)
    {
        var range = ByteRange.Parse(header, 100);
        Assert.Equal(new ByteRange(ByteRangeKind.None, 0, 100, 100), range);
        Assert.Null(range.ContentRange);
        Assert.True(range.CoversWhole);
    }

    [Fact]
    public void The_last_bytes_of_nothing_are_the_whole() =>
        Assert.Equal(new ByteRange(ByteRangeKind.None, 0, 0, 0), ByteRange.Parse("bytes=-5", 0));

    [Fact]
    public void No_header_leads_outside_the_content()
    {
        var headers = HostileText.From("bytes=", "bytes=", "-", "-", "0", "5", "17", "9223372036854775807", "9223372036854775808", ",");
        var near = HostileText.Near("bytes=0-5", "bytes=17-", "bytes=-5", " BYTES=5-9223372036854775807\t");
        Gen.Select(Gen.OneOf(headers, near), Gen.OneOf(Gen.Long[0, 30], Gen.Const(long.MaxValue))).Sample((header, size) =>
        {
            var range = ByteRange.Parse(header, size);
            Assert.True(range.Offset >= 0 && range.Length >= 0 && range.Length <= size - range.Offset);
            Assert.Equal(range.Kind == ByteRangeKind.Satisfiable, range.Length > 0 && range.ContentRange is not null);

            // Asked for as it was answered, it is the same range.
            if (range.Kind == ByteRangeKind.Satisfiable)
            {
                Assert.Equal(range, ByteRange.Parse(range.ContentRange!.Replace(' ', '=').Split('/')[0], size));
            }
        }, iter: HostileText.Cases);
    }

    [Fact]
    public void A_range_within_the_content_is_taken_exactly() =>
        Gen.Select(Gen.Long[0, 1L << 50], Gen.Long[1, 1L << 50], Gen.Long[0, 1L << 50]).Sample((offset, length, rest) =>
        {
            var header = string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-{offset + length - 1}");
            var size = offset + length + rest;
            Assert.Equal(new ByteRange(ByteRangeKind.Satisfiable, offset, length, size), ByteRange.Parse(header, size));
        }, iter: HostileText.Cases);
}
