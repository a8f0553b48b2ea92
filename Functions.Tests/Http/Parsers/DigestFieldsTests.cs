using CasFunctions.Digests;
using CasFunctions.Http;
using CsCheck;

namespace CasFunctions.Tests.Http.Parsers;

public sealed class DigestFieldsTests
{
    private const string Base64 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    private const string Field = "sha-256=:" + Base64 + ":";

    [Theory]
    [InlineData(Field)]
    [InlineData("sha-512=:AAAA:, " + Field)]
    [InlineData(Field + ";x=1, md5=:AAAA:")]
    [InlineData("sha-256=:AAAA:, " + Field)]
    public void A_SHA_256_digest_is_found(string header) =>
        Assert.Equal(new DigestField(DigestFieldState.Present, Sha256Digest.Of("abc"u8)), DigestFields.Parse(header));

    [Theory]
    [InlineData(null, DigestFieldState.Absent)]
    [InlineData("", DigestFieldState.Absent)]
    [InlineData(" ", DigestFieldState.Absent)]
    [InlineData("sha-512=:AAAA:", DigestFieldState.Unsupported)]
    [InlineData("sha-256", DigestFieldState.Malformed)]
    [InlineData("sha-256=", DigestFieldState.Malformed)]
    [InlineData("sha-256=" + Base64, DigestFieldState.Malformed)]
    [InlineData("SHA-256=:" + Base64 + ":", DigestFieldState.Malformed)]
    [InlineData("sha-256=:AAAA:", DigestFieldState.Malformed)]
    [InlineData("sha-256=::", DigestFieldState.Malformed)]
    [InlineData("sha-256=:" + Base64, DigestFieldState.Malformed)]
    [InlineData("sha-256=1", DigestFieldState.Malformed)]
    [InlineData(Field + ",", DigestFieldState.Malformed)]
    [InlineData(Field + " junk", DigestFieldState.Malformed)]
    public void What_has_no_digest_is_told_apart(string? header, DigestFieldState expected) =>
        Assert.Equal(new DigestField(expected), DigestFields.Parse(header));

    [Fact]
    public void Written_digests_are_read_back() =>
        Gen.Byte.Array[32].Select(bytes => new Sha256Digest(bytes)).Sample(
            digest => DigestFields.Parse(DigestFields.Write(digest)) == new DigestField(DigestFieldState.Present, digest),
            iter: HostileText.Cases);

    [Fact]
    public void Only_the_digest_in_the_text_is_ever_found() =>
        HostileText.From("sha-256=", ":" + Base64 + ":", ":AAAA:", ", ", ",", ";a=1", "sha-512=", "x").Sample(
            text =>
            {
                var field = DigestFields.Parse(text);
                return field.State == DigestFieldState.Present
                    ? string.Equals(field.Digest.Base64, Base64, StringComparison.Ordinal) && text.Contains(Field, StringComparison.Ordinal)
                    : field.Digest == default;
            },
            iter: HostileText.Cases);

    [Fact]
    public void Neighbours_of_a_digest_field_are_refused_or_written_back_to_the_same_digest() =>
        HostileText.Near(Field, "sha-512=:AAAA:, " + Field, Field + ";x=1, md5=:AAAA:").Sample(
            text => DigestFields.Parse(text) is var field && (field.State != DigestFieldState.Present
                ? field.Digest == default
                : DigestFields.Parse(DigestFields.Write(field.Digest)) == field),
            iter: HostileText.Cases);

    [Theory]
    [InlineData("sha256 " + Base64, DigestFieldState.Present)]
    [InlineData(" sha256 " + Base64 + " ", DigestFieldState.Present)]
    [InlineData(null, DigestFieldState.Absent)]
    [InlineData("", DigestFieldState.Absent)]
    [InlineData("sha1 AAAA", DigestFieldState.Unsupported)]
    [InlineData("SHA256 " + Base64, DigestFieldState.Unsupported)]
    [InlineData("sha256", DigestFieldState.Malformed)]
    [InlineData("sha256  " + Base64, DigestFieldState.Malformed)]
    [InlineData("sha256 AAAA", DigestFieldState.Malformed)]
    [InlineData("sha256 " + Base64 + "," + Base64, DigestFieldState.Malformed)]
    public void Checksums_of_tus_are_read(string? header, DigestFieldState expected)
    {
        var field = TusChecksum.Parse(header);
        Assert.Equal(expected, field.State);
        Assert.Equal(expected == DigestFieldState.Present ? Sha256Digest.Of("abc"u8) : default, field.Digest);
    }

    [Fact]
    public void No_checksum_breaks_the_parser() =>
        Gen.OneOf(
            HostileText.From("sha256", "sha1", " ", " ", Base64, "AAAA", "="),
            HostileText.Near("sha256 " + Base64, " sha256 " + Base64 + " ", "sha1 AAAA")).Sample(
            text =>
            {
                var checksum = TusChecksum.Parse(text);
                var trimmed = text.AsSpan().Trim(" \t");
                var isExact = trimmed.SequenceEqual("sha256 " + Base64);
                return checksum.State == DigestFieldState.Present
                    ? trimmed.StartsWith($"sha256 {checksum.Digest.Base64.AsSpan(0, 42)}")
                    : !isExact && checksum.Digest == default;
            },
            iter: HostileText.Cases);
}
