using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Tests.Http;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>The calls of the two protocols of resumable uploads, as clients make them.</summary>
internal static class AppendCalls
{
    public const int Part = 8 * 1024 * 1024;

    private const string Tus = "1.0.0";

    public static Task<ApiReply> CreateIetfAsync(
        this Tenant tenant, Sha256Digest digest, long size, string? name = null, params (string Name, string Value)[] fields)
    {
        var content = new ByteArrayContent([]);
        if (name is not null)
        {
            content.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileNameStar = name };
        }

        return tenant.SendAsync(
            HttpMethod.Post,
            "/v1/uploads",
            tenant.OwnerToken,
            content,
            [("Upload-Complete", "?0"), ("Upload-Length", $"{size}"), ("Repr-Digest", $"sha-256=:{digest.Base64}:"), .. fields]);
    }

    public static async Task<string> NewIetfAsync(this Tenant tenant, byte[] content) =>
        (await tenant.CreateIetfAsync(Sha256Digest.Of(content), content.Length)).Expect(HttpStatusCode.Created).Message.Headers.Location!.ToString();

    public static Task<ApiReply> AppendIetfAsync(
        this Tenant tenant, string upload, long offset, ReadOnlyMemory<byte> body, bool complete, params (string Name, string Value)[] fields) =>
        tenant.SendAsync(
            HttpMethod.Patch, upload, null, Content(body, "application/partial-upload"), [("Upload-Offset", $"{offset}"), ("Upload-Complete", complete ? "?1" : "?0"), .. fields]);

    public static Task<ApiReply> HeadIetfAsync(this Tenant tenant, string upload) => tenant.SendAsync(HttpMethod.Head, upload, null, null);

    public static async Task<long> OffsetAsync(this Tenant tenant, string upload) =>
        long.Parse((await tenant.HeadIetfAsync(upload)).Expect(HttpStatusCode.NoContent).Field("Upload-Offset")!, System.Globalization.CultureInfo.InvariantCulture);

    public static Task<ApiReply> CreateTusAsync(
        this Tenant tenant, Sha256Digest digest, long size, ReadOnlyMemory<byte>? body = null, string? name = null, params (string Name, string Value)[] fields) =>
        tenant.SendAsync(
            HttpMethod.Post,
            "/v1/uploads",
            tenant.OwnerToken,
            body is { } bytes ? Content(bytes, "application/offset+octet-stream") : null,
            [
                ("Tus-Resumable", Tus),
                ("Upload-Length", $"{size}"),
                ("Upload-Metadata", $"digest {Base64(digest.ToString())}" + (name is null ? "" : $",filename {Base64(name)}")),
                .. fields,
            ]);

    public static async Task<string> NewTusAsync(this Tenant tenant, byte[] content, string? name = null) =>
        (await tenant.CreateTusAsync(Sha256Digest.Of(content), content.Length, name: name)).Expect(HttpStatusCode.Created).Message.Headers.Location!.ToString();

    public static Task<ApiReply> AppendTusAsync(this Tenant tenant, string upload, long offset, ReadOnlyMemory<byte> body, params (string Name, string Value)[] fields) =>
        tenant.SendAsync(
            HttpMethod.Patch, upload, null, Content(body, "application/offset+octet-stream"), [("Tus-Resumable", Tus), ("Upload-Offset", $"{offset}"), .. fields]);

    public static Task<ApiReply> HeadTusAsync(this Tenant tenant, string upload) =>
        tenant.SendAsync(HttpMethod.Head, upload, null, null, ("Tus-Resumable", Tus));

    public static async Task AssertStoredAsync(this Tenant tenant, byte[] content) => Assert.Equal(
        content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}")).Expect(HttpStatusCode.OK).Body);

    public static async Task AssertNotStoredAsync(this Tenant tenant, Sha256Digest digest)
    {
        Assert.DoesNotContain(digest.ToString(), await tenant.BlobsAsync());
        (await tenant.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    /// <summary>A field of the answer; null when it is absent.</summary>
    public static string? Field(this ApiReply reply, string name) =>
        reply.Message.Headers.TryGetValues(name, out var values) || reply.Message.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public static string ContentDigest(ReadOnlySpan<byte> body) => DigestFields.Write(Sha256Digest.Of(body));

    private static ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> body, string mediaType) =>
        new(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType) } };
}
