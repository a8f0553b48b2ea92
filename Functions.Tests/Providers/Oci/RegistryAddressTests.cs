using System.Net;
using CasFunctions.Providers;
using CasFunctions.Providers.Oci;
using CasFunctions.Tests.Http.Parsers;
using CsCheck;

namespace CasFunctions.Tests.Providers.Oci;

/// <summary>Addresses that registries hand out, in Location fields and as realms.</summary>
public sealed class RegistryAddressTests
{
    private static readonly Uri Asked = new("https://r.example.com/v2/a/b/blobs/uploads/");

    private static readonly Gen<string> Addresses = Gen.OneOf(
        HostileText.Near(
            "https://r.example.com/v2/a/b/blobs/uploads/1?_state=x%2Fy", "/v2/uploads/1", "//other.example/u", "?x=1", "../u#f",
            "http://[::1]:80/",
            "file:///etc/passwd", "mailto:a@b.example", "javascript:alert(1)", "https://b\u00fccher.example/", new string('a', 70_000)),
        HostileText.From("https:", "http:", "//", "/", "r.example.com", ":443", "@", "?", "#", "%2f", "..", "\\", "\u3002", "[", "]"));

    [Fact]
    public void Locations_become_addresses_of_http_or_are_refused() =>
        Addresses.Sample(text =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Asked);
            using var response = new HttpResponseMessage(HttpStatusCode.Accepted) { RequestMessage = request };

            // What is beyond Latin-1 does not come through a header.
            if (text.Any(character => character > '\u00ff') || !response.Headers.TryAddWithoutValidation("Location", text))
            {
                return;
            }

            Uri location;
            try
            {
                location = RegistryAddress.Location(response);
            }
            catch (ProviderException refusal)
            {
                Assert.Equal(ProviderErrorKind.Unexpected, refusal.Kind);
                return;
            }

            Assert.True(location.IsAbsoluteUri && location.Scheme is "https" or "http");
            Assert.DoesNotContain(location.AbsoluteUri, character => character is <= ' ' or '\u007f');

            // Credentials go to the very same place only, whatever follows the host in the text.
            Assert.Equal(
                RegistryAddress.SameOrigin(location, Asked),
                location is { Scheme: "https", Port: 443 } && location.Host.Equals("r.example.com", StringComparison.OrdinalIgnoreCase));
            AddQuery(location);
        }, iter: HostileText.Cases);

    [Fact]
    public void Realms_get_their_query_or_are_refused() =>
        Addresses.Sample(text =>
        {
            if (text.StartsWith("http", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(text, UriKind.Absolute, out var realm))
            {
                AddQuery(realm);
            }
        }, iter: HostileText.Cases);

    private static void AddQuery(Uri address)
    {
        Uri extended;
        try
        {
            extended = RegistryAddress.WithQuery(address, "digest=sha256%3A00");
        }
        catch (ProviderException refusal)
        {
            Assert.Equal(ProviderErrorKind.Unexpected, refusal.Kind);
            return;
        }

        Assert.True(RegistryAddress.SameOrigin(address, extended));
        Assert.EndsWith("digest=sha256%3A00", extended.Query, StringComparison.Ordinal);

        // Uri may write the same text with other escapes when it reads its own: %25%31 becomes %251.
        Assert.Equal(Uri.UnescapeDataString(address.AbsolutePath), Uri.UnescapeDataString(extended.AbsolutePath));
        Assert.StartsWith(Uri.UnescapeDataString(address.Query), Uri.UnescapeDataString(extended.Query), StringComparison.Ordinal);
        Assert.Empty(extended.Fragment);
    }
}
