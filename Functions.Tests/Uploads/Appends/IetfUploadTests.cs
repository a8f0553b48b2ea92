using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

public sealed class IetfUploadTests(TestServices services, RunningService running)
{
    private const int Part = AppendCalls.Part;
    private const string Types = "https://iana.org/assignments/http-problem-types#";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1000, 300)]
    [InlineData(1000, 1000)]
    [InlineData(Part, 3_000_000)]
    [InlineData(Part + 1, 3_000_000)]
    [InlineData(3 * Part, Part)]
    [InlineData((3 * Part) + 17, (2 * Part) - 1)]
    [InlineData((12 * Part) + 17, 12 * Part)]
    public async Task Content_sent_in_appends_is_stored_and_every_offset_is_exact(int size, int appendSize)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        var created = (await tenant.CreateIetfAsync(Sha256Digest.Of(content), size, "résumé.json")).Expect(HttpStatusCode.Created);
        var upload = created.Message.Headers.Location!.ToString();
        Assert.Equal("?0", created.Field("Upload-Complete"));
        Assert.Equal("0", created.Field("Upload-Offset"));
        Assert.Contains($"max-size={size}", created.Field("Upload-Limit"), StringComparison.Ordinal);

        for (var offset = 0; offset < size;)
        {
            Assert.Equal(offset, await tenant.OffsetAsync(upload));
            var body = content.AsMemory(offset, Math.Min(appendSize, size - offset));
            offset += body.Length;
            var reply = await tenant.AppendIetfAsync(upload, offset - body.Length, body, offset == size);
            reply.Expect(offset == size ? HttpStatusCode.Created : HttpStatusCode.NoContent);
            Assert.Equal($"{offset}", reply.Field("Upload-Offset"));
            Assert.Equal(offset == size ? "?1" : "?0", reply.Field("Upload-Complete"));
            if (offset < size)
            {
                await tenant.AssertNotStoredAsync(Sha256Digest.Of(content));
            }
            else
            {
                Assert.Equal("résumé.json", reply["name"]);
            }
        }

        await tenant.AssertStoredAsync(content);
        var after = (await tenant.HeadIetfAsync(upload)).Expect(HttpStatusCode.NoContent);
        Assert.Equal("?1", after.Field("Upload-Complete"));
        Assert.Equal($"{size}", after.Field("Upload-Offset"));
        Assert.Equal($"{size}", after.Field("Upload-Length"));
        Assert.Equal("no-store", after.Field("Cache-Control"));
    }

    [Fact]
    public async Task A_whole_content_can_be_sent_with_the_creation()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        foreach (var size in new[] { 0, 10, Part + 5 })
        {
            var content = RandomNumberGenerator.GetBytes(size);
            var digest = Sha256Digest.Of(content);

            var reply = (await tenant.SendAsync(
                HttpMethod.Post,
                "/v1/uploads",
                tenant.OwnerToken,
                new ByteArrayContent(content),
                ("Upload-Complete", "?1"),
                ("Repr-Digest", $"sha-256=:{digest.Base64}:"))).Expect(HttpStatusCode.Created);

            Assert.Equal("?1", reply.Field("Upload-Complete"));
            Assert.Equal(digest.Hex, reply.Json.GetProperty("digest").GetProperty("sha256").GetString());
            await tenant.AssertStoredAsync(content);
        }
    }

    [Fact]
    public async Task An_append_at_another_offset_is_refused_with_the_right_one()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(1000);
        var upload = await tenant.NewIetfAsync(content);
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, 400), false)).Expect(HttpStatusCode.NoContent);

        foreach (var offset in new[] { 0, 399, 401 })
        {
            var refusal = (await tenant.AppendIetfAsync(upload, offset, content.AsMemory(offset, 100), false)).ExpectProblem(HttpStatusCode.Conflict, "offset-mismatch");
            Assert.Equal("400", refusal.Field("Upload-Offset"));
            Assert.Equal(Types + "mismatching-upload-offset", refusal["type"]);
        }

        (await tenant.AppendIetfAsync(upload, 400, content.AsMemory(400), true)).Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task Lengths_that_contradict_each_other_are_refused()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(1000);
        var upload = await tenant.NewIetfAsync(content);

        // Told by the header alone: the session stays as it was.
        foreach (var (body, complete) in new[] { (content.AsMemory(0, 500), true), (new byte[1001].AsMemory(), false) })
        {
            var refusal = (await tenant.AppendIetfAsync(upload, 0, body, complete)).ExpectProblem(HttpStatusCode.BadRequest, "inconsistent-length");
            Assert.Equal(Types + "inconsistent-upload-length", refusal["type"]);
        }

        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, 500), false, ("Upload-Length", "999"))).ExpectProblem(HttpStatusCode.BadRequest, "inconsistent-length");
        Assert.Equal(0, await tenant.OffsetAsync(upload));
        (await tenant.AppendIetfAsync(upload, 0, content, true, ("Upload-Length", "1000"))).Expect(HttpStatusCode.Created);
        var completed = (await tenant.AppendIetfAsync(upload, 1000, new byte[1], false)).ExpectProblem(HttpStatusCode.BadRequest, "inconsistent-length");
        Assert.Equal(Types + "inconsistent-upload-length", completed["type"]);
        completed = (await tenant.AppendIetfAsync(upload, 0, new byte[1], false)).ExpectProblem(HttpStatusCode.BadRequest, "upload-completed");
        Assert.Equal(Types + "completed-upload", completed["type"]);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData((2 * Part) + 100)]
    public async Task Wrong_content_ends_the_session_and_leaves_nothing(int size)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        var upload = await tenant.NewIetfAsync(content);
        var wrong = content.ToArray();
        wrong[size / 2] ^= 1;
        (await tenant.AppendIetfAsync(upload, 0, wrong.AsMemory(0, size - 100), false)).Expect(HttpStatusCode.NoContent);

        var refusal = (await tenant.AppendIetfAsync(upload, size - 100, wrong.AsMemory(size - 100), true)).ExpectProblem(HttpStatusCode.BadRequest, "digest-mismatch");

        Assert.Equal(Types + "digest-mismatched-values", refusal["type"]);
        Assert.Equal("?1", refusal.Field("Upload-Complete"));
        await tenant.AssertNotStoredAsync(Sha256Digest.Of(content));
        (await tenant.AppendIetfAsync(upload, 0, content, true)).ExpectProblem(HttpStatusCode.Gone, "upload-ended");
        (await tenant.HeadIetfAsync(upload)).Expect(HttpStatusCode.Gone);
    }

    [Fact]
    public async Task An_append_with_a_wrong_Content_Digest_does_not_count()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes((3 * Part) + 5);
        var upload = await tenant.NewIetfAsync(content);
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, 1000), false)).Expect(HttpStatusCode.NoContent);
        var middle = content.AsMemory(1000, 2 * Part);
        var damaged = middle.ToArray();
        damaged[^1] ^= 1;

        (await tenant.AppendIetfAsync(upload, 1000, damaged, false, ("Content-Digest", AppendCalls.ContentDigest(middle.Span))))
            .ExpectProblem(HttpStatusCode.BadRequest, "digest-mismatch");

        Assert.Equal(1000, await tenant.OffsetAsync(upload));
        (await tenant.AppendIetfAsync(upload, 1000, middle, false, ("Content-Digest", AppendCalls.ContentDigest(middle.Span)))).Expect(HttpStatusCode.NoContent);
        (await tenant.AppendIetfAsync(upload, 1000 + middle.Length, content.AsMemory(1000 + middle.Length), true)).Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task A_creation_that_is_not_right_is_refused()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var digest = Sha256Digest.Of([1]);
        var good = $"sha-256=:{digest.Base64}:";

        await RefusedAsync("Repr-Digest", ("Upload-Complete", "?0"), ("Upload-Length", "1"));
        await RefusedAsync("Repr-Digest", ("Upload-Complete", "?0"), ("Upload-Length", "1"), ("Repr-Digest", "sha-512=:AA==:"));
        await RefusedAsync("Repr-Digest", ("Upload-Complete", "?0"), ("Upload-Length", "1"), ("Repr-Digest", "sha-256=:AA==:"));
        await RefusedAsync("Upload-Length", ("Upload-Complete", "?0"), ("Repr-Digest", good));
        await RefusedAsync("Upload-Length", ("Upload-Complete", "?0"), ("Repr-Digest", good), ("Upload-Length", "-1"));
        await RefusedAsync("Upload-Complete", ("Upload-Complete", "no"), ("Repr-Digest", good), ("Upload-Length", "1"));
        await RefusedAsync("Upload-Draft-Interop-Version", ("Upload-Draft-Interop-Version", "4"), ("Upload-Complete", "?0"), ("Repr-Digest", good), ("Upload-Length", "1"));

        async Task RefusedAsync(string field, params (string Name, string Value)[] fields)
        {
            var refusal = (await tenant.SendAsync(HttpMethod.Post, "/v1/uploads", tenant.OwnerToken, null, fields)).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");
            Assert.Equal(field, refusal["field"]);
        }
    }

    [Fact]
    public async Task Content_above_the_backends_limit_is_refused_at_the_creation()
    {
        var tenant = await (await running.NewTenantAsync(services)).AddAzureAsync(maxBytes: 1000);

        var refusal = (await tenant.CreateIetfAsync(Sha256Digest.Of([1]), 1001)).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");

        Assert.Contains("max-size=1000", refusal.Field("Upload-Limit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_loses_nothing_that_arrived()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes((4 * Part) + 100);
        var upload = await tenant.NewIetfAsync(content);
        var offset = 0L;
        foreach (var sent in new[] { 1000, Part, (2 * Part) + 77 })
        {
            await CutAsync(tenant, upload, offset, content.AsMemory((int)offset, sent), null);

            // The client closed the connection in order: all that it sent arrives, and counts. To ask by GET ends no append.
            offset += sent;
            await Eventually.TrueAsync(async _ => (await tenant.GetAsync(upload))["offset"] == $"{offset}", TimeSpan.FromSeconds(60), Cancellation);
            Assert.Equal(offset, await tenant.OffsetAsync(upload));
        }

        (await tenant.AppendIetfAsync(upload, offset, content.AsMemory((int)offset), true)).Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task After_a_cut_the_upload_goes_on_from_where_it_says()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes((4 * Part) + 100);
        var upload = await tenant.NewIetfAsync(content);
        var offset = 0L;
        foreach (var sent in new[] { 1000, Part, (2 * Part) + 77 })
        {
            // With a Content-Length the host drops what it holds when the connection breaks.
            await CutAsync(tenant, upload, offset, content.AsMemory((int)offset, sent), content.Length - offset);
            var now = await tenant.OffsetAsync(upload);
            Assert.InRange(now, offset, offset + sent);
            offset = now;
        }

        ApiReply last;
        while ((last = await tenant.AppendIetfAsync(upload, offset, content.AsMemory((int)offset), true)).Status == HttpStatusCode.Conflict)
        {
            // The service saw a cut request only now: it took the upload over once more, and is asked how far it came.
            offset = await tenant.OffsetAsync(upload);
        }

        last.Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task An_append_of_interop_version_5_needs_no_media_type_and_others_do()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var upload = await tenant.NewIetfAsync([1, 2]);
        (string, string)[] fields = [("Upload-Offset", "0"), ("Upload-Complete", "?1")];

        (await tenant.SendAsync(HttpMethod.Patch, upload, null, new ByteArrayContent([1, 2]), fields)).ExpectProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        (await tenant.SendAsync(HttpMethod.Patch, upload, null, new ByteArrayContent([1, 2]), [.. fields, ("Upload-Draft-Interop-Version", "5")])).Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync([1, 2]);
    }

    [Fact]
    public async Task A_repeat_of_the_last_append_gets_the_same_answer()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(Part + 100);
        var upload = await tenant.NewIetfAsync(content);
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, Part), false)).Expect(HttpStatusCode.NoContent);
        var first = (await tenant.AppendIetfAsync(upload, Part, content.AsMemory(Part), true)).Expect(HttpStatusCode.Created);

        var second = (await tenant.AppendIetfAsync(upload, Part, content.AsMemory(Part), true)).Expect(HttpStatusCode.Created);
        var empty = (await tenant.AppendIetfAsync(upload, content.Length, ReadOnlyMemory<byte>.Empty, true)).Expect(HttpStatusCode.Created);

        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Body, empty.Body);
        Assert.Equal("?1", second.Field("Upload-Complete"));
    }

    [Fact]
    public async Task A_content_that_is_there_gets_a_session_that_drops_the_bytes()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(Part + 100);
        (await tenant.PutArtifactAsync(content, "first")).Expect(HttpStatusCode.Created);

        var upload = (await tenant.CreateIetfAsync(Sha256Digest.Of(content), content.Length, "second")).Expect(HttpStatusCode.Created).Message.Headers.Location!.ToString();
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, 1000), false)).Expect(HttpStatusCode.NoContent);
        Assert.Equal(1000, await tenant.OffsetAsync(upload));
        (await tenant.AppendIetfAsync(upload, 1000, content.AsMemory(1000), true)).Expect(HttpStatusCode.Created);

        var names = (await tenant.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray().Select(line => line.GetProperty("name").GetString());
        Assert.Equal(["second", "first"], names);
    }

    private static async Task CutAsync(Tenant tenant, string upload, long offset, ReadOnlyMemory<byte> sent, long? length)
    {
        await using var request = await RawRequest.OpenAsync(
            tenant.Address, "PATCH", upload, length, Cancellation, "Content-Type: application/partial-upload", $"Upload-Offset: {offset}", "Upload-Complete: ?1");
        await request.SendAsync(sent, Cancellation);
    }
}
