using System.Text;
using CasFunctions.Http;
using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

public sealed class UploadMetadataTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential", "filename=world_domination_plan.pdf|is_confidential=")]
    [InlineData(" a w6k= , b ,c QQ==", "a=é|b=|c=A")]
    [InlineData("a QQ==,A Qg==", "a=A|A=B")]
    [InlineData("a ", "a=")]
    public void Pairs_are_read(string? header, string expected)
    {
        Assert.True(UploadMetadata.TryParse(header, out var values));
        Assert.Equal(expected, string.Join('|', values.Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Theory]
    [InlineData(",")]
    [InlineData("a QQ==,")]
    [InlineData("a QQ==,,b")]
    [InlineData("a QQ==,a QQ==")]
    [InlineData("a,a")]
    [InlineData("a QQ")]
    [InlineData("a Q Q==")]
    [InlineData("a  QQ==")]
    [InlineData("a Q-_=")]
    [InlineData("a QQ==x")]
    [InlineData("a wyg=")]
    [InlineData("é QQ==")]
    [InlineData("a\tQQ==")]
    public void Malformed_fields_are_refused_whole(string header)
    {
        Assert.False(UploadMetadata.TryParse(header, out var values));
        Assert.Null(values);
    }

    [Fact]
    public void What_a_client_encodes_is_read_back()
    {
        var key = Gen.String[Gen.Char["abcXYZ019_-.!~"], 1, 8];
        var value = Gen.Char.Array[0, 12].Select(characters => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(characters)));
        Gen.Dictionary(key, value)[0, 5].Sample(pairs =>
        {
            var header = string.Join(",", pairs.Select(pair => $"{pair.Key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Value))}"));
            Assert.True(UploadMetadata.TryParse(header, out var values));
            Assert.Equal(pairs, new Dictionary<string, string>(values, StringComparer.Ordinal));
        }, iter: HostileText.Cases);
    }

    [Fact]
    public void No_text_breaks_the_parser() =>
        Gen.OneOf(
            HostileText.From("a", "b", " ", " ", ",", ", ", "QQ==", "wyg=", "QUJD", "="),
            HostileText.Near("filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential", " a w6k= , b ,c QQ==")).Sample(text =>
        {
            if (UploadMetadata.TryParse(text, out var values))
            {
                var written = UploadMetadata.Write([.. values.Select(pair => (pair.Key, (string?)pair.Value))]);
                Assert.DoesNotContain(written, character => character is < ' ' or > '~');
                Assert.True(UploadMetadata.TryParse(written, out var again));
                Assert.Equal(values, again);
                Assert.All(values, pair => Assert.Contains(pair.Key, text, StringComparison.Ordinal));
                Assert.Equal(values.Count, text.Trim(' ', '\t').Length == 0 ? 0 : text.Split(',').Length);
            }
        }, iter: HostileText.Cases);
}
