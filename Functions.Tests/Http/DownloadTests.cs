using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Http;

public sealed class DownloadTests(TestServices services, RunningService running)
{
    private const string CacheForEver = "private, max-age=31536000, immutable";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=999-999", 999, 1)]
    [InlineData("bytes=100-199", 100, 100)]
    [InlineData("bytes=990-", 990, 10)]
    [InlineData("bytes=-10", 990, 10)]
    [InlineData("bytes=990-5000", 990, 10)]
    [InlineData("bytes=0-", 0, 1000)]
    [InlineData("bytes=-5000", 0, 1000)]
    public async Task A_range_gives_just_these_bytes(string range, int offset, int length)
    {
        var (tenant, content, path) = await StoreAsync(1000);

        var reply = (await FetchAsync(tenant, path, ("Range", range))).Expect(HttpStatusCode.PartialContent);

        Assert.Equal(content[offset..(offset + length)], reply.Body);
        Assert.Equal($"bytes {offset}-{offset + length - 1}/1000", Field(reply, "Content-Range"));
        Assert.Equal(length, reply.Message.Content.Headers.ContentLength);
        Assert.Equal($"\"{Sha256Digest.Of(content)}\"", Field(reply, "ETag"));
    }

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=5000-6000")]
    [InlineData("bytes=-0")]
    public async Task A_range_beyond_the_end_is_refused_with_the_size(string range)
    {
        var (tenant, _, path) = await StoreAsync(1000);

        var refusal = (await FetchAsync(tenant, path, ("Range", range))).ExpectProblem(HttpStatusCode.RequestedRangeNotSatisfiable, "range-not-satisfiable");

        Assert.Equal("bytes */1000", Field(refusal, "Content-Range"));
    }

    [Theory]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("lines=0-1")]
    [InlineData("bytes=9-1")]
    [InlineData("bytes=x")]
    public async Task Several_ranges_or_what_is_no_range_give_the_whole(string range)
    {
        var (tenant, content, path) = await StoreAsync(1000);

        var reply = (await FetchAsync(tenant, path, ("Range", range))).Expect(HttpStatusCode.OK);

        Assert.Equal(content, reply.Body);
        Assert.Equal("bytes", Field(reply, "Accept-Ranges"));
    }

    [Fact]
    public async Task Conditions_are_held_against_the_digest()
    {
        var (tenant, content, path) = await StoreAsync(1000);
        var tag = $"\"{Sha256Digest.Of(content)}\"";
        var other = $"\"{Sha256Digest.Of([1])}\"";

        var unchanged = (await FetchAsync(tenant, path, ("If-None-Match", tag))).Expect(HttpStatusCode.NotModified);
        Assert.Empty(unchanged.Body);
        Assert.Equal(tag, Field(unchanged, "ETag"));
        Assert.Equal(CacheForEver, Field(unchanged, "Cache-Control"));
        (await FetchAsync(tenant, path, ("If-None-Match", other))).Expect(HttpStatusCode.OK);
        (await FetchAsync(tenant, path, ("If-Match", tag))).Expect(HttpStatusCode.OK);
        (await FetchAsync(tenant, path, ("If-Match", other))).ExpectProblem(HttpStatusCode.PreconditionFailed, "precondition-failed");
        Assert.Equal(content[..10], (await FetchAsync(tenant, path, ("Range", "bytes=0-9"), ("If-Range", tag))).Expect(HttpStatusCode.PartialContent).Body);
        Assert.Equal(content, (await FetchAsync(tenant, path, ("Range", "bytes=0-9"), ("If-Range", other))).Expect(HttpStatusCode.OK).Body);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(9 * 1024 * 1024)]
    public async Task Head_answers_with_the_header_of_get_and_no_body(int size)
    {
        var (tenant, _, path) = await StoreAsync(size);
        var get = (await FetchAsync(tenant, path)).Expect(HttpStatusCode.OK);

        // Ranges are defined for GET alone.
        var head = (await tenant.SendAsync(HttpMethod.Head, path, tenant.OwnerToken, null, ("Range", "bytes=0-9"))).Expect(HttpStatusCode.OK);

        Assert.Empty(head.Body);
        Assert.Equal(Fields(get), Fields(head));
        Assert.Contains(Fields(head), field => field == $"Content-Length: {size}");

        static IEnumerable<string> Fields(ApiReply reply) => reply.Message.Headers.Concat(reply.Message.Content.Headers)
            .Where(field => field.Key != "Date")
            .Select(field => $"{field.Key}: {string.Join(", ", field.Value)}")
            .Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_download_carries_what_clients_need_to_verify_cache_and_handle_it_safely()
    {
        var (tenant, content, path) = await StoreAsync(1000, "report.html");

        var reply = (await FetchAsync(tenant, path)).Expect(HttpStatusCode.OK);

        Assert.Equal($"sha-256=:{Sha256Digest.Of(content).Base64}:", Field(reply, "Repr-Digest"));
        Assert.Equal(CacheForEver, Field(reply, "Cache-Control"));
        Assert.Equal("nosniff", Field(reply, "X-Content-Type-Options"));
        Assert.Equal("sandbox; default-src 'none'", Field(reply, "Content-Security-Policy"));
        Assert.Equal("attachment; filename=\"report.html\"; filename*=UTF-8''report.html", Field(reply, "Content-Disposition"));
        var renamed = (await FetchAsync(tenant, path + "?filename=other.txt")).Expect(HttpStatusCode.OK);
        Assert.Equal("attachment; filename=\"other.txt\"; filename*=UTF-8''other.txt", Field(renamed, "Content-Disposition"));
    }

    [Theory]
    [InlineData("a\r\nSet-Cookie: x=y\r\n\r\n<script>")]
    [InlineData("\"; filename=\"evil.exe")]
    [InlineData("../../etc/passwd")]
    [InlineData("..\\..\\boot.ini")]
    [InlineData("прил\u202Eexe.отчёт.json")]
    [InlineData("1000")]
    public async Task A_hostile_name_is_kept_as_data_and_comes_out_as_one_plain_file_name(string given)
    {
        var name = given == "1000" ? new string('ü', 996) + ".txt" : given;
        var (tenant, content, path) = await StoreAsync(100, name);

        var stored = await FetchAsync(tenant, path);
        var asked = await FetchAsync(tenant, $"{path}?filename={Uri.EscapeDataString(name)}");

        Assert.Equal(name, (await tenant.GetAsync(path + "/descriptor"))["name"]);
        foreach (var reply in new[] { stored.Expect(HttpStatusCode.OK), asked.Expect(HttpStatusCode.OK) })
        {
            Assert.Equal(content, reply.Body);
            Assert.False(reply.Message.Headers.Contains("Set-Cookie"));
            var disposition = Field(reply, "Content-Disposition")!;
            Assert.Matches("""^attachment; filename="[^"\\/\x00-\x1f\x7f-\uffff]{1,200}"; filename\*=UTF-8''[A-Za-z0-9%._~-]{1,600}$""", disposition);
            Assert.DoesNotContain("%2F", disposition, StringComparison.Ordinal);
            Assert.DoesNotContain("%E2%80%AE", disposition, StringComparison.Ordinal);
        }
    }

    private static Task<ApiReply> FetchAsync(Tenant tenant, string path, params (string Name, string Value)[] fields) =>
        tenant.SendAsync(HttpMethod.Get, path, tenant.OwnerToken, null, fields);

    private static string? Field(ApiReply reply, string name) =>
        reply.Message.Headers.NonValidated.TryGetValues(name, out var values) || reply.Message.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    private async Task<(Tenant Tenant, byte[] Content, string Path)> StoreAsync(int size, string? name = null)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        (await tenant.PutArtifactAsync(content, name)).Expect(HttpStatusCode.Created);
        return (tenant, content, $"/v1/artifacts/{Sha256Digest.Of(content)}");
    }
}
