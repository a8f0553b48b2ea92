using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Http;

public sealed class OrganizationTests(TestServices services, RunningService running)
{
    [Theory]
    [InlineData("""{"name":"UPPER","owners":["a@example.com"]}""", "name")]
    [InlineData("""{"name":"","owners":["a@example.com"]}""", "name")]
    [InlineData("""{"name":"a b","owners":["a@example.com"]}""", "name")]
    [InlineData("""{"name":"a/b","owners":["a@example.com"]}""", "name")]
    [InlineData("""{"name":"_selection","owners":["a@example.com"]}""", "name")]
    [InlineData("""{"name":"ok","owners":[]}""", "owners")]
    [InlineData("""{"name":"ok","owners":[null]}""", "owners")]
    [InlineData("""{"name":"ok","owners":["not an address"]}""", "owners")]
    [InlineData("""{"name":"ok","owners":["a@example.com\r\nBcc: b@example.com"]}""", "owners")]
    [InlineData("""{"name":"ok","owners":null}""", "$.owners")]
    [InlineData("""{"name":null,"owners":["a@example.com"]}""", "$.name")]
    [InlineData("""{"name":5,"owners":["a@example.com"]}""", "$.name")]
    [InlineData("""{"name":"ok","owners":["a@example.com"],"admin":true}""", "$.admin")]
    [InlineData("""{"name":"ok"}""", "$")]
    [InlineData("""[]""", "$")]
    [InlineData("""null""", "$")]
    [InlineData("", "$")]
    [InlineData("""{"name":"ok",""", "$")]
    [InlineData("""{"name":"\ud800","owners":["a@example.com"]}""", "$.name")]
    public async Task A_wrong_request_is_refused_with_the_field_and_a_hint(string json, string field)
    {
        var tenant = await running.NewTenantAsync(services);

        var refusal = (await SendAsync(tenant, HttpMethod.Post, "/v1/organizations", RemoteService.RootKey, Encoding.UTF8.GetBytes(json)))
            .ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");

        Assert.Equal(field, refusal["field"]);
        Assert.False(string.IsNullOrEmpty(refusal["hint"]));
    }

    [Fact]
    public async Task A_hostile_document_is_refused_without_harm()
    {
        var tenant = await running.NewTenantAsync(services);
        byte[][] documents =
        [
            [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d],
            Encoding.UTF8.GetBytes("{\"name\":" + new string('[', 10_000)),
            Encoding.UTF8.GetBytes("{\"name\":\"x\",\"provider\":\"azure-blob\",\"settings\":" + new string('[', 1000) + new string(']', 1000) + "}"),
            Encoding.UTF8.GetBytes("{\"name\":\"x\",\"provider\":\"azure-blob\",\"settings\":{\"container\":\"\\ud800\"},\"credentials\":{}}"),
            Encoding.UTF8.GetBytes("{\"name\":\"x\",\"provider\":\"azure-blob\",\"settings\":{\"\\ud800\":1},\"credentials\":{}}"),
            Encoding.UTF8.GetBytes("{\"name\":\"x\",\"provider\":\"azure-blob\",\"maxBytes\":1e400,\"settings\":{},\"credentials\":{}}"),
            Encoding.Unicode.GetBytes("{\"name\":\"x\"}"),
        ];
        foreach (var path in new[] { "/v1/backends", "/v1/tokens", "/v1/uploads" })
        {
            foreach (var document in documents)
            {
                (await SendAsync(tenant, HttpMethod.Post, path, tenant.OwnerToken, document)).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");
            }

            (await SendAsync(tenant, HttpMethod.Post, path, tenant.OwnerToken, Encoding.UTF8.GetBytes("{\"name\":\"" + new string('x', 70_000) + "\"}")))
                .ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        }
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("%09")]
    [InlineData("%23")]
    [InlineData("%3F")]
    [InlineData("%5C")]
    [InlineData("'%20or%20'1'%20eq%20'1")]
    [InlineData("%ED%A0%80")]
    [InlineData("..%2F..%2Fetc")]
    [InlineData("_selection")]
    [InlineData("%E2%80%AE")]
    [InlineData("MjUzNDAyMzAwNzk5fg")]
    public async Task A_hostile_path_segment_names_nothing(string segment)
    {
        var tenant = await running.NewTenantAsync(services);
        (HttpMethod Method, string Path, string? Token)[] calls =
        [
            (HttpMethod.Delete, $"/v1/tokens/{segment}", tenant.OwnerToken),
            (HttpMethod.Post, $"/v1/organizations/{segment}/tokens", RemoteService.RootKey),
            (HttpMethod.Get, $"/v1/backends/{segment}", tenant.OwnerToken),
            (HttpMethod.Get, $"/v1/uploads/{segment}", null),
            (HttpMethod.Get, $"/v1/artifacts/{segment}", tenant.OwnerToken),
            (HttpMethod.Get, $"/v1/artifacts?name={segment}", tenant.OwnerToken),
            (HttpMethod.Get, $"/v1/artifacts?after={segment}", tenant.OwnerToken),
        ];
        foreach (var (method, path, token) in calls)
        {
            var head = await RawRequest.SendHeadAsync(
                tenant.Address, method.Method, path, [$"Authorization: Bearer {token}", "Content-Length: 0"], TestContext.Current.CancellationToken);
            var isSearch = path.Contains("?name=", StringComparison.Ordinal) && head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
            Assert.True(isSearch || head.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), $"{method} {path}: {head}");
        }
    }

    [Fact]
    public async Task A_name_is_given_once_and_the_operator_can_mint_another_token()
    {
        var tenant = await running.NewTenantAsync(services);
        var again = await tenant.PostAsync("/v1/organizations", new { name = tenant.Name, owners = new[] { "b@example.com" } }, RemoteService.RootKey);
        again.ExpectProblem(HttpStatusCode.Conflict, "name-taken");

        var minted = (await tenant.PostAsync($"/v1/organizations/{tenant.Name}/tokens", new { }, RemoteService.RootKey)).Expect(HttpStatusCode.Created);

        Assert.Equal("no-store", minted.Message.Headers.CacheControl?.ToString());
        Assert.Equal(tenant.Name, (await tenant.GetAsync("/v1/organization", minted["token"])).Expect(HttpStatusCode.OK)["name"]);
        Assert.Equal(["owner@example.com"], (await tenant.GetAsync("/v1/organization")).Json.GetProperty("owners").EnumerateArray().Select(owner => owner.GetString()));
    }

    [Fact]
    public async Task Owners_can_be_changed_but_not_to_nobody()
    {
        var tenant = await running.NewTenantAsync(services);

        (await tenant.PatchAsync("/v1/organization", new { owners = new[] { "new@example.com", "NEW@example.com" } })).Expect(HttpStatusCode.OK);

        Assert.Equal("new@example.com", (await tenant.GetAsync("/v1/organization")).Json.GetProperty("owners").EnumerateArray().Single().GetString());
        (await tenant.PatchAsync("/v1/organization", new { owners = Array.Empty<string>() })).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");
    }

    [Theory]
    [InlineData("""{"name":"","role":"viewer"}""", "name")]
    [InlineData("""{"name":"x","role":"root"}""", "$.role")]
    [InlineData("""{"name":"x","role":3}""", "$.role")]
    [InlineData("""{"name":"x","role":"3"}""", "$.role")]
    [InlineData("""{"name":"x","role":99}""", "$.role")]
    [InlineData("""{"name":"x","role":"viewer,owner"}""", "$.role")]
    [InlineData("""{"name":"x"}""", "$")]
    [InlineData("""{"name":"x","role":"viewer","expiresInSeconds":0}""", "expiresInSeconds")]
    [InlineData("""{"name":"x","role":"viewer","expiresInSeconds":9223372036854775807}""", "expiresInSeconds")]
    [InlineData("""{"name":"x","role":"viewer","expiresInSeconds":"60"}""", "$.expiresInSeconds")]
    public async Task A_wrong_token_request_is_refused_with_the_field(string json, string field)
    {
        var tenant = await running.NewTenantAsync(services);

        var refusal = (await SendAsync(tenant, HttpMethod.Post, "/v1/tokens", tenant.OwnerToken, Encoding.UTF8.GetBytes(json)))
            .ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");

        Assert.Equal(field, refusal["field"]);
    }

    private static Task<ApiReply> SendAsync(Tenant tenant, HttpMethod method, string path, string token, byte[] json) => tenant.SendAsync(
        method, path, token, new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } });
}
