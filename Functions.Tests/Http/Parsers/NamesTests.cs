using System.Net.Http.Headers;
using System.Net.Mail;
using System.Text;
using System.Text.RegularExpressions;
using CasFunctions.Http;
using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

public sealed partial class NamesTests
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("application/vnd.cyclonedx+json; version=1.6")]
    [InlineData("text/plain;charset=utf-8")]
    [InlineData("text/plain ; a=\"q \\\" ; \\\\ x\"; b=c")]
    [InlineData("x/y")]
    public void Media_types_are_accepted(string text) => Assert.True(MediaTypeName.IsValid(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("json")]
    [InlineData("/json")]
    [InlineData("application/")]
    [InlineData("application/json/x")]
    [InlineData(" application/json")]
    [InlineData("application/json ")]
    [InlineData("application /json")]
    [InlineData("*/*")]
    [InlineData("text/*")]
    [InlineData("text/html, text/plain")]
    [InlineData("text/html;")]
    [InlineData("text/html; a")]
    [InlineData("text/html; a=")]
    [InlineData("text/html; a=\"x")]
    [InlineData("text/html; a=\"x\\")]
    [InlineData("text/html; a=\"x\"y")]
    [InlineData("text/html; a=\"\u00e9\"")]
    [InlineData("text/html; a=\"\r\n\"")]
    [InlineData("text/html; a=\"\\\r\"")]
    [InlineData("text/html\r\nX: y")]
    [InlineData("t\u00e9xt/html")]
    public void Other_media_types_are_refused(string? text) => Assert.False(MediaTypeName.IsValid(text));

    [Fact]
    public void A_media_type_may_be_255_characters_long()
    {
        Assert.True(MediaTypeName.IsValid("text/" + new string('x', 250)));
        Assert.False(MediaTypeName.IsValid("text/" + new string('x', 251)));
    }

    [Fact]
    public void Accepted_media_types_are_ones_that_the_framework_reads_too() =>
        Gen.OneOf(
            HostileText.From("text", "a", "/", ";", "; ", "=", "\"", "\\", " ", "q=1", "text/a", "; p=\"x y\""),
            HostileText.Near("application/vnd.cyclonedx+json; version=1.6", "text/plain ; a=\"q \\\" ; \\\\ x\"; b=c")).Sample(text =>
        {
            if (MediaTypeName.IsValid(text))
            {
                Assert.DoesNotContain(text, character => character is not ('\t' or (>= ' ' and <= '~')));
                Assert.True(MediaTypeHeaderValue.TryParse(text, out _) || HasRepeatedParameter(text), text);
            }
        }, iter: HostileText.Cases);

    [Theory]
    [InlineData("sbom.json")]
    [InlineData("a name with spaces")]
    [InlineData("\"quoted\" 'name'")]
    [InlineData("a\r\nSet-Cookie: x=1")]
    [InlineData("../../etc/passwd")]
    [InlineData("C:\\x")]
    [InlineData("Prüfbericht 中文 \ud83d\ude00")]
    [InlineData(" ")]
    public void Odd_artifact_names_are_accepted(string name)
    {
        Assert.True(ArtifactName.IsValid(name, out var reason));
        Assert.Null(reason);
    }

    [Fact]
    public void Artifact_names_of_a_thousand_characters_of_any_script_are_accepted()
    {
        Assert.True(ArtifactName.IsValid(new string('x', ArtifactName.MaxLength), out _));
        Assert.True(ArtifactName.IsValid(new string('中', 1000), out _));
        Assert.False(ArtifactName.IsValid(new string('x', ArtifactName.MaxLength + 1), out var reason));
        Assert.Contains("at most 1024", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("a\0b", "NUL")]
    public void Names_that_can_not_be_kept_are_refused(string name, string reason)
    {
        Assert.False(ArtifactName.IsValid(name, out var given));
        Assert.Contains(reason, given, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_with_half_a_surrogate_pair_are_refused() => Assert.All(["a\ud83d", "\ude00b", "\ude00\ud83d"], name =>
    {
        Assert.False(ArtifactName.IsValid(name, out var reason));
        Assert.Contains("surrogate", reason, StringComparison.Ordinal);
    });

    [Fact]
    public void Accepted_artifact_names_survive_UTF_8() =>
        HostileText.Any.Sample(name =>
        {
            var survives = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)).Equals(name, StringComparison.Ordinal);
            var storable = name.Length is > 0 and <= ArtifactName.MaxLength && !name.Contains('\0', StringComparison.Ordinal);
            Assert.Equal(survives && storable, ArtifactName.IsValid(name, out _));
        }, iter: HostileText.Cases);

    [Theory]
    [InlineData("owner@example.com")]
    [InlineData("first.last+tag@sub.example.co")]
    [InlineData("o'brien@example.com")]
    [InlineData("x@xn--bcher-kva.example")]
    public void Addresses_are_accepted(string text) => Assert.True(EmailAddress.IsValid(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("owner")]
    [InlineData("@example.com")]
    [InlineData("owner@")]
    [InlineData("owner@localhost")]
    [InlineData("owner@example..com")]
    [InlineData("owner@-example.com")]
    [InlineData("owner@example.com.")]
    [InlineData("a@b@example.com")]
    [InlineData(".a@example.com")]
    [InlineData("a.@example.com")]
    [InlineData("a..b@example.com")]
    [InlineData(" owner@example.com")]
    [InlineData("owner@example.com ")]
    [InlineData("Owner <owner@example.com>")]
    [InlineData("<owner@example.com>")]
    [InlineData("\"a b\"@example.com")]
    [InlineData("a@example.com,b@example.com")]
    [InlineData("a@example.com;b@example.com")]
    [InlineData("a@example.com\r\nBcc: b@example.com")]
    [InlineData("a\n@example.com")]
    [InlineData("a(comment)@example.com")]
    [InlineData("a@[127.0.0.1]")]
    [InlineData("owner@e\u212aample.com")]
    public void Other_addresses_are_refused(string? text) => Assert.False(EmailAddress.IsValid(text));

    [Fact]
    public void Address_parts_have_their_longest_lengths()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 62), 3)) + ".";
        Assert.True(EmailAddress.IsValid(new string('a', 64) + "@example.com"));
        Assert.False(EmailAddress.IsValid(new string('a', 65) + "@example.com"));
        Assert.True(EmailAddress.IsValid("a@" + domain + new string('e', 63)));
        Assert.False(EmailAddress.IsValid("ab@" + domain + new string('e', 63)));
    }

    [Fact]
    public void Accepted_addresses_are_the_whole_of_what_the_framework_reads() =>
        Gen.OneOf(
            HostileText.From("a", "b.c", "@", "@", "example.com", ".com", "-", ",", "<", ">", " ", "\""),
            HostileText.Near("owner@example.com", "first.last+tag@sub.example.co", "x@xn--bcher-kva.example")).Sample(text =>
        {
            if (EmailAddress.IsValid(text))
            {
                Assert.True(MailAddress.TryCreate(text, out var address), text);
                Assert.Equal((text, ""), (address.Address, address.DisplayName));
                Assert.DoesNotContain(text, character => character is <= ' ' or > '~' or ',' or ';');
            }
        }, iter: HostileText.Cases);

    [Theory]
    [InlineData("a", true)]
    [InlineData("0", true)]
    [InlineData("my-backend-2", true)]
    [InlineData("a--b", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("A", false)]
    [InlineData("a.b", false)]
    [InlineData("a_b", false)]
    [InlineData("a\n", false)]
    [InlineData("\u00e9", false)]
    [InlineData("\u0661", false)]
    public void Labels_are_those_of_DNS(string? text, bool expected) => Assert.Equal(expected, DnsLabel.IsValid(text));

    [Fact]
    public void A_label_is_what_its_grammar_says() =>
        HostileText.From("a", "z9", "-", "A", ".", new string('x', 31)).Sample(
            text => DnsLabel.IsValid(text) == (text.Length <= DnsLabel.MaxLength && Label().IsMatch(text)),
            iter: HostileText.Cases);

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Label();

    // The framework refuses a parameter that is there twice.
    private static bool HasRepeatedParameter(string text) => text.Count(character => character == '=') > 1;
}
