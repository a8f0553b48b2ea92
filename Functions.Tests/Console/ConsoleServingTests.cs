using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Console;

public sealed partial class ConsoleServingTests(TestServices services, RunningService running)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_and_all_that_it_names_are_served_to_everybody()
    {
        using var client = await ClientAsync();
        using var page = await client.GetAsync(new Uri("/ui/", UriKind.Relative), Cancellation);
        var html = await page.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", page.Headers.CacheControl!.ToString());
        var assets = Assets().Matches(html).Select(match => match.Groups["path"].Value).ToList();
        Assert.Contains(assets, path => path.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(assets, path => path.EndsWith(".css", StringComparison.Ordinal));
        foreach (var path in assets)
        {
            using var asset = await client.GetAsync(new Uri("/ui/" + path, UriKind.Relative), Cancellation);
            Assert.Equal(HttpStatusCode.OK, asset.StatusCode);
            Assert.Equal("public, max-age=31536000, immutable", Assert.Single(asset.Headers.GetValues("Cache-Control")));
            var mediaType = Path.GetExtension(path) switch { ".js" => "text/javascript", ".css" => "text/css", _ => "image/svg+xml" };
            Assert.Equal(mediaType, asset.Content.Headers.ContentType!.MediaType);
        }
    }

    [Fact]
    public async Task The_page_lets_the_browser_run_nothing_from_elsewhere_and_frame_it_nowhere()
    {
        using var client = await ClientAsync();
        using var page = await client.GetAsync(new Uri("/ui/", UriKind.Relative), Cancellation);

        var policy = Field("Content-Security-Policy").Split("; ");
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("base-uri 'none'", policy);
        Assert.Contains("require-trusted-types-for 'script'", policy);
        Assert.All(policy, directive => Assert.DoesNotContain("unsafe-inline", directive, StringComparison.Ordinal));
        Assert.Contains("script-src 'self' 'wasm-unsafe-eval'", policy);
        Assert.Equal("nosniff", Field("X-Content-Type-Options"));
        Assert.Equal("no-referrer", Field("Referrer-Policy"));
        Assert.Equal("same-origin", Field("Cross-Origin-Opener-Policy"));
        Assert.Contains("camera=()", Field("Permissions-Policy"), StringComparison.Ordinal);

        string Field(string name) => Assert.Single(page.Headers.GetValues(name));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("br;q=0, gzip")]
    [InlineData("deflate, gzip, br")]
    [InlineData("identity")]
    [InlineData("br;q=0, gzip;q=0")]
    [InlineData("")]
    public async Task A_file_comes_in_a_coding_that_the_client_takes(string accepted)
    {
        using var client = await ClientAsync();
        using var plain = await client.GetAsync(new Uri("/ui/", UriKind.Relative), Cancellation);
        var expected = await plain.Content.ReadAsByteArrayAsync(Cancellation);

        using var reply = await SendAsync(client, HttpMethod.Get, "/ui/", ("Accept-Encoding", accepted));

        var coding = reply.Content.Headers.ContentEncoding.SingleOrDefault();
        Assert.Equal(accepted switch { "br" or "deflate, gzip, br" => "br", "gzip" or "br;q=0, gzip" => "gzip", _ => null }, coding);
        Assert.Equal("Accept-Encoding", Assert.Single(reply.Headers.Vary));
        await using var body = await reply.Content.ReadAsStreamAsync(Cancellation);
        await using var decoded = coding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        var bytes = new MemoryStream();
        await decoded.CopyToAsync(bytes, Cancellation);
        Assert.Equal(expected, bytes.ToArray());
        Assert.Equal(coding is null, reply.Headers.ETag!.Equals(plain.Headers.ETag));
        Assert.False(reply.Headers.ETag.IsWeak);
    }

    [Fact]
    public async Task An_unchanged_file_is_not_sent_again()
    {
        using var client = await ClientAsync();
        using var first = await SendAsync(client, HttpMethod.Get, "/ui/", ("Accept-Encoding", "br"));
        var tag = first.Headers.ETag!.ToString();

        using var again = await SendAsync(client, HttpMethod.Get, "/ui/", ("Accept-Encoding", "br"), ("If-None-Match", tag));
        using var other = await SendAsync(client, HttpMethod.Get, "/ui/", ("Accept-Encoding", "gzip"), ("If-None-Match", tag));
        using var head = await SendAsync(client, HttpMethod.Head, "/ui/", ("Accept-Encoding", "br"));

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal("no-cache", again.Headers.CacheControl!.ToString());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(first.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("/ui/absent.js")]
    [InlineData("/ui/assets/")]
    [InlineData("/ui/assets")]
    [InlineData("/ui/INDEX.HTML")]
    [InlineData("/ui/../host.json")]
    [InlineData("/ui/%2e%2e/%2e%2e/host.json")]
    [InlineData("/ui/..%2F..%2Fhost.json")]
    [InlineData("/ui/..\\..\\host.json")]
    [InlineData("/ui/Notifications/Templates/layout.html")]
    [InlineData("/ui//index.html")]
    public async Task Nothing_else_is_there(string path)
    {
        var address = (await running.GetAsync(services)).Address;

        var head = await RawRequest.SendHeadAsync(address, "GET", path, ["Connection: close"], Cancellation);

        Assert.StartsWith("HTTP/1.1 404 ", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_without_a_slash_leads_to_the_page()
    {
        using var client = await ClientAsync();
        using var reply = await client.GetAsync(new Uri("/ui", UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.Found, reply.StatusCode);
        Assert.Equal("/ui/", new Uri(new Uri(client.BaseAddress!, "/ui"), reply.Headers.Location!).AbsolutePath);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpMethod method, string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in fields)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Cancellation);
    }

    private async Task<HttpClient> ClientAsync() => new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = (await running.GetAsync(services)).Address,
    };

    [GeneratedRegex(@"(src|href)=""(?<path>assets/[^""]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Assets();
}
