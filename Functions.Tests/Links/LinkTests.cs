using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Links;
using CasFunctions.Tests.Audit;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Links;

public sealed class LinkTests(TestServices services, RunningService running)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_a_link_downloads_that_artifact_without_a_token_in_whole_and_in_ranges()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = await StoreAsync(tenant, 1000, "résumé.json");
        var created = await LinkAsync(tenant, content, await tenant.NewTokenAsync("downloader"));
        var link = created["url"]!;

        Assert.Equal(link, created.Message.Headers.Location!.OriginalString);
        Assert.Matches("^/v1/links/[A-Za-z0-9_-]{43}$", link);
        Assert.Equal("no-store", Field(created, "Cache-Control"));
        var whole = (await FetchAsync(tenant, link)).Expect(HttpStatusCode.OK);
        Assert.Equal(content, whole.Body);
        Assert.Equal("attachment; filename=\"r_sum_.json\"; filename*=UTF-8''r%C3%A9sum%C3%A9.json", Field(whole, "Content-Disposition"));
        Assert.Equal("no-store", Field(whole, "Cache-Control"));
        Assert.Equal("no-referrer", Field(whole, "Referrer-Policy"));
        var tag = Field(whole, "ETag")!;
        var rest = (await FetchAsync(tenant, link, ("Range", "bytes=400-"), ("If-Range", tag))).Expect(HttpStatusCode.PartialContent);
        Assert.Equal(content[400..], rest.Body);
        var head = (await tenant.SendAsync(HttpMethod.Head, link, null, null)).Expect(HttpStatusCode.OK);
        Assert.Equal(1000, head.Message.Content.Headers.ContentLength);
        var renamed = (await FetchAsync(tenant, link + "?filename=other.json")).Expect(HttpStatusCode.OK);
        Assert.Contains("other.json", Field(renamed, "Content-Disposition"), StringComparison.Ordinal);
    }

    /// <summary>The console's policy lets scripts and styles of its own address run: stored content must not be taken for one.</summary>
    [Theory]
    [InlineData("text/html")]
    [InlineData("image/svg+xml")]
    [InlineData("text/javascript")]
    [InlineData("text/css")]
    public async Task What_a_link_gives_runs_in_no_browser(string mediaType)
    {
        var tenant = await running.NewTenantAsync(services);
        var content = "alert(1)//<script>alert(1)</script>"u8.ToArray();
        var path = $"/v1/artifacts/{Sha256Digest.Of(content)}";
        using var body = new ByteArrayContent(content);
        body.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        (await tenant.SendAsync(HttpMethod.Put, path, tenant.OwnerToken, body)).Expect(HttpStatusCode.Created);
        Assert.Equal(mediaType, (await tenant.GetAsync(path + "/descriptor"))["mediaType"]);

        var reply = (await FetchAsync(tenant, (await LinkAsync(tenant, content))["url"]!)).Expect(HttpStatusCode.OK);

        Assert.Equal("application/octet-stream", Field(reply, "Content-Type"));
        Assert.Equal("nosniff", Field(reply, "X-Content-Type-Options"));
        Assert.Equal("sandbox; default-src 'none'", Field(reply, "Content-Security-Policy"));
        Assert.Equal("same-origin", Field(reply, "Cross-Origin-Resource-Policy"));
        Assert.StartsWith("attachment", Field(reply, "Content-Disposition"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_works_on_every_instance_for_a_minute_and_is_then_removed()
    {
        var time = new ShiftedTime();
        await using var service = await StartAsync(time);
        await using var other = await StartAsync(time, service.TablePrefix);
        var tenant = await service.NewTenantAsync();
        var content = await StoreAsync(tenant, 1000);
        var created = await LinkAsync(tenant, content);
        var link = created["url"]!;
        var remaining = created.Json.GetProperty("expiresAt").GetDateTimeOffset() - time.GetUtcNow();
        Assert.InRange(remaining, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));

        Assert.Equal(content, (await FetchAsync(tenant.At(other.Address), link)).Expect(HttpStatusCode.OK).Body);
        await service.Services.GetRequiredService<DownloadLinks>().SweepAsync(Cancellation);
        Assert.Equal(content, (await FetchAsync(tenant, link)).Expect(HttpStatusCode.OK).Body);

        time.Advance(TimeSpan.FromSeconds(61));
        var expired = (await FetchAsync(tenant, link)).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Contains("/links", expired["hint"], StringComparison.Ordinal);
        Assert.NotNull(await RowAsync(service, link));
        await service.Services.GetRequiredService<DownloadLinks>().SweepAsync(Cancellation);
        Assert.Null(await RowAsync(service, link));
        (await FetchAsync(tenant, link)).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_download_runs_on_past_the_minute_and_can_go_on_for_a_minute_after_it_broke_off()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var service = await StartAsync(time);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();

        // More than the connection's buffers hold, so that the service is still sending.
        var content = await StoreAsync(tenant, 48 * 1024 * 1024);
        var link = (await LinkAsync(tenant, content))["url"]!;
        using var client = new HttpClient { BaseAddress = tenant.Address };
        using (var begun = await client.GetAsync(new Uri(link, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation))
        {
            Assert.Equal(HttpStatusCode.OK, begun.StatusCode);
            for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(3); passed += TimeSpan.FromSeconds(20))
            {
                time.Advance(TimeSpan.FromSeconds(20));
                var held = time.GetUtcNow() + TimeSpan.FromMinutes(1);
                await Eventually.TrueAsync(async _ => (await RowAsync(service, link))?.ExpiresAt == held, Deadline, Cancellation);
            }

            var stream = await begun.Content.ReadAsStreamAsync(Cancellation);
            var start = new byte[1024 * 1024];
            await stream.ReadExactlyAsync(start, Cancellation);
            Assert.Equal(content[..start.Length], start);
        }

        time.Advance(TimeSpan.FromSeconds(50));
        var rest = (await FetchAsync(tenant, link, ("Range", "bytes=1048576-"))).Expect(HttpStatusCode.PartialContent);
        Assert.Equal(content[(1024 * 1024)..], rest.Body);
        time.Advance(TimeSpan.FromSeconds(61));
        (await FetchAsync(tenant, link, ("Range", "bytes=1048576-"))).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_link_ends_with_the_token_that_made_it()
    {
        var tenant = await running.NewTenantAsync(services);
        var content = await StoreAsync(tenant, 1000);
        var token = (await tenant.PostAsync("/v1/tokens", new { name = "browser", role = "downloader" })).Expect(HttpStatusCode.Created);
        var link = (await LinkAsync(tenant, content, token["token"]))["url"]!;
        (await FetchAsync(tenant, link)).Expect(HttpStatusCode.OK);

        (await tenant.DeleteAsync("/v1/tokens/" + token["id"])).Expect(HttpStatusCode.NoContent);

        (await FetchAsync(tenant, link)).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_link_is_made_only_for_what_is_there()
    {
        var tenant = await running.NewTenantAsync(services);
        var other = await running.NewTenantAsync(services);
        var content = await StoreAsync(other, 1000);

        var path = $"/v1/artifacts/{Sha256Digest.Of(content)}/links";
        (await tenant.PostAsync(path, new { })).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await tenant.PostAsync("/v1/artifacts/sha256:abc/links", new { })).ExpectProblem(HttpStatusCode.BadRequest, "invalid-digest");
        (await FetchAsync(tenant, "/v1/links/" + DownloadLink.NewId())).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await FetchAsync(tenant, "/v1/links/" + new string('x', 2000))).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task The_audit_log_leads_from_a_download_to_the_link_and_to_who_made_it()
    {
        var tenant = await running.NewTenantAsync(services);
        var content = await StoreAsync(tenant, 1000);
        var token = (await tenant.PostAsync("/v1/tokens", new { name = "browser", role = "downloader" })).Expect(HttpStatusCode.Created);
        var link = (await LinkAsync(tenant, content, token["token"]))["url"]!;

        (await FetchAsync(tenant, link)).Expect(HttpStatusCode.OK);

        var subject = Sha256Digest.Of(content).ToString();
        var events = await tenant.ReadAuditWithAsync("artifact.downloaded", subject);
        var made = Assert.Single(events, line => line.Action == "artifact.linked");
        var downloaded = Assert.Single(events, line => line.Action == "artifact.downloaded");
        Assert.Equal(("token:" + token["id"], subject), (made.Actor, made.Subject));
        Assert.Equal(made.Actor, downloaded.Actor);
        Assert.Equal(made.Details!["link"], downloaded.Details!["link"]);
        Assert.DoesNotContain(made.Details["link"], link, StringComparison.Ordinal);
    }

    private static async Task<byte[]> StoreAsync(Tenant tenant, int size, string? name = null)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        (await tenant.PutArtifactAsync(content, name)).Expect(HttpStatusCode.Created);
        return content;
    }

    private static async Task<ApiReply> LinkAsync(Tenant tenant, byte[] content, string? token = null) =>
        (await tenant.PostAsync($"/v1/artifacts/{Sha256Digest.Of(content)}/links", new { }, token)).Expect(HttpStatusCode.Created);

    private static Task<ApiReply> FetchAsync(Tenant tenant, string link, params (string Name, string Value)[] fields) =>
        tenant.SendAsync(HttpMethod.Get, link, null, null, fields);

    private static Task<DownloadLink?> RowAsync(CasService service, string link) =>
        service.Services.GetRequiredService<LinkStore>().FindAsync(link.Split('/')[^1], Cancellation);

    private static string? Field(ApiReply reply, string name) =>
        reply.Message.Headers.NonValidated.TryGetValues(name, out var values)
            || reply.Message.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    private Task<CasService> StartAsync(TimeProvider time, string? tablePrefix = null) => CasService.StartAsync(
        services, configure: builder => builder.Services.AddSingleton(time), tablePrefix: tablePrefix);
}
