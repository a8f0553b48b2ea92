using System.Net.Http.Headers;
using System.Text;
using CasFunctions.Digests;
using CasFunctions.Http;
using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

public sealed class ContentDispositionTests
{
    private static readonly Sha256Digest Digest = Sha256Digest.Of("content"u8);
    private const string Unsafe = "/\\\"<>|:*?\u202e\u2066\u200f\ufeff\u2028";
    private static readonly string FromDigest = "sha256-" + Digest.Hex;

    [Theory]
    [InlineData("sbom.json", "sbom.json")]
    [InlineData("my report (1).xml", "my report (1).xml")]
    [InlineData("Prüfbericht 中文 \ud83d\ude00.pdf", "Prüfbericht 中文 \ud83d\ude00.pdf")]
    [InlineData(".gitignore", ".gitignore")]
    [InlineData("100%25.txt", "100%25.txt")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Windows\\system32\\calc.exe", "calc.exe")]
    [InlineData("reports/junit.xml/", "junit.xml")]
    [InlineData("a\r\nSet-Cookie: x=1", "a__Set-Cookie_ x=1")]
    [InlineData("say \"hi\".txt", "say _hi_.txt")]
    [InlineData("invoice\u202efdp.exe", "invoice_fdp.exe")]
    [InlineData("nul", "_nul")]
    [InlineData("Com1.tar.gz", "_Com1.tar.gz")]
    [InlineData("LPT\u00b2", "_LPT\u00b2")]
    [InlineData("con .txt", "_con .txt")]
    [InlineData("console", "console")]
    [InlineData(" . x . ", ". x")]
    public void The_name_is_made_safe(string stored, string expected)
    {
        Assert.Equal(expected, ContentDisposition.SafeName(stored, Digest));
        Assert.Equal(expected, Read(ContentDisposition.Attachment(stored, Digest)).FileNameStar);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("..")]
    [InlineData("../")]
    [InlineData("a/..")]
    [InlineData("///")]
    public void Without_a_usable_name_the_digest_gives_one(string? stored)
    {
        Assert.Equal(FromDigest, ContentDisposition.SafeName(stored, Digest));
        Assert.Equal(
            $"attachment; filename=\"{FromDigest}\"; filename*=UTF-8''{FromDigest}",
            ContentDisposition.Attachment(stored, Digest));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_replaced() =>
        Assert.Equal("half _ of a pair", ContentDisposition.SafeName("half \ud83d of a pair", Digest));

    [Fact]
    public void Old_clients_get_the_name_in_ASCII() => Assert.Equal(
        "attachment; filename=\"Pr_fung 100_.txt\"; filename*=UTF-8''Pr%C3%BCfung%20100%25.txt",
        ContentDisposition.Attachment("Prüfung 100%.txt", Digest));

    [Fact]
    public void A_long_name_is_cut_before_its_extension()
    {
        Assert.Equal(new string('a', 196) + ".xml", ContentDisposition.SafeName(new string('a', 1000) + ".xml", Digest));
        Assert.Equal(new string('é', 97) + ".json", ContentDisposition.SafeName(new string('é', 1000) + ".json", Digest));
    }

    [Fact]
    public void Any_name_gives_one_safe_header()
    {
        Gen.OneOf(HostileText.Any,
            HostileText.Near("../../etc/passwd", "C:\\nul.txt", "Prüfung 中文 \ud83d\ude00.tar.gz", "con .a. ")).Sample(stored =>
        {
            var header = ContentDisposition.Attachment(stored, Digest);
            Assert.DoesNotContain(header, character => character is < ' ' or > '~' or '/' or '\\');
            Assert.True(header.Length < 1000);

            var value = Read(header);
            Assert.Equal("attachment", value.DispositionType);
            Assert.Equal(2, value.Parameters.Count);
            var name = Assert.IsType<string>(value.FileNameStar);
            Assert.Equal(ContentDisposition.SafeName(stored, Digest), name);
            Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, ContentDisposition.MaxNameBytes);
            Assert.DoesNotContain(name, character => char.IsControl(character) || Unsafe.Contains(character, StringComparison.Ordinal));
            Assert.False(name.EndsWith('.') || name.EndsWith(' ') || name.StartsWith(' '));
            Assert.Equal(name, ContentDisposition.SafeName(name, Digest));
            Assert.Equal("/downloads", Path.GetDirectoryName(Path.GetFullPath(Path.Combine("/downloads", name))));
            var fallback = Assert.IsType<string>(value.FileName).Trim('"');
            Assert.DoesNotContain(fallback, character => character is '%' or '"' || !char.IsAscii(character));
        }, iter: HostileText.Cases);
    }

    private static ContentDispositionHeaderValue Read(string header) => ContentDispositionHeaderValue.Parse(header);
}
