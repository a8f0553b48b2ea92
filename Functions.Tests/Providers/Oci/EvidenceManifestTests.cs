using CasFunctions.Providers.Oci;
using CasFunctions.Tests.Http.Parsers;
using CsCheck;
using static CasFunctions.Tests.Providers.Oci.OciTesting;

namespace CasFunctions.Tests.Providers.Oci;

public sealed class EvidenceManifestTests
{
    private const string Digits = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";

    [Theory]
    [InlineData("report.json", "report.json")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("..\\..\\win.ini", "win.ini")]
    [InlineData("C:evil.exe", "C_evil.exe")]
    [InlineData("a\r\nSet-Cookie: x", "a__Set-Cookie_ x")]
    [InlineData("a\"b'c", "a_b'c")]
    [InlineData("pr\u00fcfbericht \u4e2d\u6587 \U0001f4e6.txt", "pr\u00fcfbericht \u4e2d\u6587 \U0001f4e6.txt")]
    [InlineData("invoice\u202efdp.exe", "invoice_fdp.exe")]
    [InlineData(" .hidden. ", ".hidden")]
    [InlineData(".", Digits)]
    [InlineData("..", Digits)]
    [InlineData("dir/", Digits)]
    [InlineData("", Digits)]
    [InlineData(null, Digits)]
    public void Titles_are_plain_file_names(string? name, string title) =>
        Assert.Equal(title, EvidenceManifest.Title(Describe("1"u8.ToArray(), name)));

    [Theory]
    [InlineData('a', 255)]
    [InlineData('\u4e2d', 85)]
    public void Long_names_are_cut_at_what_file_systems_take(char letter, int length) =>
        Assert.Equal(new string(letter, length), EvidenceManifest.Title(Describe([], new string(letter, 1000))));

    [Fact]
    public void Half_a_character_becomes_a_replacement() =>
        Assert.Equal("half\ufffd", EvidenceManifest.Title(Describe([], "half" + '\ud83d')));

    [Fact]
    public void Whatever_the_name_and_nonce_the_manifest_is_read_back() => Gen.Select(HostileText.Any, Gen.String[0, 40]).Sample(
        (name, nonce) =>
        {
            var blob = Describe([7], name, Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(nonce)));

            Assert.True(EvidenceManifest.TryRead(EvidenceManifest.Write(blob), blob.Digest, out var read));
            Assert.Equal(blob.Nonce, read);
            var title = EvidenceManifest.Title(blob);
            Assert.Equal(title, Path.GetFileName(title));
            Assert.DoesNotContain(title, character => char.IsControl(character) || "/\\:".Contains(character, StringComparison.Ordinal));
            Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(title), 1, 255);
            Assert.Equal(title, EvidenceManifest.Title(Describe([7], title)));
        },
        iter: HostileText.Cases);

    [Fact]
    public void No_manifest_whatever_makes_the_reader_fail()
    {
        var manifest = System.Text.Encoding.UTF8.GetString(EvidenceManifest.Write(Describe([7])));
        HostileText.Near(manifest, "{\"layers\":[{\"digest\":\"\\ud800\"}],\"annotations\":{\"casfunctions.nonce\":\"\\ud800\"}}").Sample(
            text =>
            {
                var read = EvidenceManifest.TryRead(System.Text.Encoding.UTF8.GetBytes(text), Describe([7]).Digest, out var nonce);
                Assert.True(read || nonce is null);
            },
            iter: HostileText.Cases);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"layers\":[null]}")]
    [InlineData("{\"layers\":[{\"digest\":\"sha256:00\"}]}")]
    [InlineData("{\"schemaVersion\":\"x\"}")]
    public void Manifests_that_do_not_name_the_blob_do_not_count(string manifest) =>
        Assert.False(EvidenceManifest.TryRead(System.Text.Encoding.UTF8.GetBytes(manifest), Describe([7]).Digest, out _));
}
