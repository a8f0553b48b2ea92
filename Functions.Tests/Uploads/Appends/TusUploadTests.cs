using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

public sealed class TusUploadTests(TestServices services, RunningService running)
{
    private const int Part = AppendCalls.Part;

    [Theory]
    [InlineData(1000, 300)]
    [InlineData(Part + 1, 3_000_000)]
    [InlineData((2 * Part) + 17, Part)]
    public async Task Content_sent_in_chunks_is_stored(int size, int chunk)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        var created = (await tenant.CreateTusAsync(Sha256Digest.Of(content), size, name: "ö.json")).Expect(HttpStatusCode.Created);
        Assert.Equal("1.0.0", created.Field("Tus-Resumable"));
        Assert.NotNull(created.Field("Upload-Expires"));
        var upload = created.Message.Headers.Location!.ToString();

        for (var offset = 0; offset < size;)
        {
            var head = (await tenant.HeadTusAsync(upload)).Expect(HttpStatusCode.OK);
            Assert.Equal($"{offset}", head.Field("Upload-Offset"));
            Assert.Equal($"{size}", head.Field("Upload-Length"));
            Assert.Equal("no-store", head.Field("Cache-Control"));
            Assert.Contains("filename " + AppendCalls.Base64("ö.json"), head.Field("Upload-Metadata"), StringComparison.Ordinal);
            var body = content.AsMemory(offset, Math.Min(chunk, size - offset));
            var reply = (await tenant.AppendTusAsync(upload, offset, body)).Expect(HttpStatusCode.NoContent);
            offset += body.Length;
            Assert.Equal($"{offset}", reply.Field("Upload-Offset"));
            Assert.Equal("1.0.0", reply.Field("Tus-Resumable"));
        }

        await tenant.AssertStoredAsync(content);
        Assert.Equal($"{size}", (await tenant.HeadTusAsync(upload)).Expect(HttpStatusCode.OK).Field("Upload-Offset"));
        Assert.Equal("ö.json", (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}/descriptor"))["name"]);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 100)]
    [InlineData(100, 40)]
    [InlineData(Part + 10, Part + 10)]
    public async Task Content_can_come_with_the_creation(int size, int sent)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);

        var created = (await tenant.CreateTusAsync(Sha256Digest.Of(content), size, content.AsMemory(0, sent))).Expect(HttpStatusCode.Created);

        Assert.Equal($"{sent}", created.Field("Upload-Offset"));
        if (sent < size)
        {
            (await tenant.AppendTusAsync(created.Message.Headers.Location!.ToString(), sent, content.AsMemory(sent))).Expect(HttpStatusCode.NoContent);
        }

        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task Options_tell_what_is_spoken()
    {
        var tenant = await running.NewTenantAsync(services);
        foreach (var path in new[] { "/v1/uploads", "/v1/uploads/" + new string('A', 43) })
        {
            var options = (await tenant.SendAsync(HttpMethod.Options, path, null, null)).Expect(HttpStatusCode.NoContent);

            Assert.Equal("1.0.0", options.Field("Tus-Version"));
            Assert.Equal("creation,creation-with-upload,expiration,termination,checksum", options.Field("Tus-Extension"));
            Assert.Equal("sha256", options.Field("Tus-Checksum-Algorithm"));
            Assert.Equal($"{64L << 30}", options.Field("Tus-Max-Size"));
            Assert.Equal($"max-size={64L << 30}, max-append-size={16 << 20}, max-age=86400", options.Field("Upload-Limit"));
        }
    }

    [Fact]
    public async Task Another_version_another_media_type_and_another_offset_are_refused()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(100);
        var upload = await tenant.NewTusAsync(content);

        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Patch, HttpMethod.Delete })
        {
            var version = (await tenant.SendAsync(method, upload, null, null, ("Tus-Resumable", "0.2.2"))).Expect(HttpStatusCode.PreconditionFailed);
            Assert.Equal("1.0.0", version.Field("Tus-Version"));
            Assert.Equal("1.0.0", version.Field("Tus-Resumable"));
        }

        (await tenant.SendAsync(HttpMethod.Patch, upload, null, new ByteArrayContent(content), ("Tus-Resumable", "1.0.0"), ("Upload-Offset", "0")))
            .ExpectProblem(HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        var offset = (await tenant.AppendTusAsync(upload, 1, content)).ExpectProblem(HttpStatusCode.BadRequest, "inconsistent-length");
        Assert.Equal("1.0.0", offset.Field("Tus-Resumable"));
        (await tenant.AppendTusAsync(upload, 1, content.AsMemory(1))).ExpectProblem(HttpStatusCode.Conflict, "offset-mismatch");
        (await tenant.AppendTusAsync(upload, 0, content)).Expect(HttpStatusCode.NoContent);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task A_chunk_with_a_wrong_checksum_does_not_count()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes((2 * Part) + 100);
        var upload = await tenant.NewTusAsync(content);
        var right = ("Upload-Checksum", "sha256 " + Sha256Digest.Of(content).Base64);
        var wrong = content.ToArray();
        wrong[0] ^= 1;

        (await tenant.AppendTusAsync(upload, 0, wrong, right)).ExpectProblem((HttpStatusCode)460, "checksum-mismatch");
        (await tenant.AppendTusAsync(upload, 0, content, ("Upload-Checksum", "sha1 AA=="))).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");
        Assert.Equal("0", (await tenant.HeadTusAsync(upload)).Field("Upload-Offset"));

        (await tenant.AppendTusAsync(upload, 0, content, right)).Expect(HttpStatusCode.NoContent);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task A_creation_that_is_not_right_is_refused()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var digest = "digest " + AppendCalls.Base64(Sha256Digest.Of([1]).ToString());

        await RefusedAsync("invalid-request", ("Upload-Metadata", digest));
        await RefusedAsync("invalid-request", ("Upload-Metadata", digest), ("Upload-Defer-Length", "1"));
        await RefusedAsync("invalid-request", ("Upload-Length", "1"));
        await RefusedAsync("invalid-request", ("Upload-Length", "1"), ("Upload-Metadata", "digest !!!"));
        await RefusedAsync("invalid-digest", ("Upload-Length", "1"), ("Upload-Metadata", "digest " + AppendCalls.Base64("md5:00")));

        async Task RefusedAsync(string code, params (string Name, string Value)[] fields) =>
            (await tenant.SendAsync(HttpMethod.Post, "/v1/uploads", tenant.OwnerToken, null, [("Tus-Resumable", "1.0.0"), .. fields])).ExpectProblem(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_terminated_upload_is_gone()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var upload = await tenant.NewTusAsync(content);
        (await tenant.AppendTusAsync(upload, 0, content.AsMemory(0, Part + 5))).Expect(HttpStatusCode.NoContent);

        (await tenant.SendAsync(HttpMethod.Delete, upload, null, null, ("Tus-Resumable", "1.0.0"))).Expect(HttpStatusCode.NoContent);

        (await tenant.HeadTusAsync(upload)).Expect(HttpStatusCode.Gone);
        (await tenant.AppendTusAsync(upload, Part + 5, content.AsMemory(Part + 5))).ExpectProblem(HttpStatusCode.Gone, "upload-ended");
        await tenant.AssertNotStoredAsync(Sha256Digest.Of(content));
    }

    [Fact]
    public async Task A_content_that_is_there_gets_an_upload_that_drops_the_bytes_and_still_proves_them()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(Part + 100);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        var wrong = content.ToArray();
        wrong[^1] ^= 1;

        (await tenant.AppendTusAsync(await tenant.NewTusAsync(content), 0, wrong)).ExpectProblem(HttpStatusCode.BadRequest, "digest-mismatch");
        (await tenant.AppendTusAsync(await tenant.NewTusAsync(content), 0, content)).Expect(HttpStatusCode.NoContent);

        await tenant.AssertStoredAsync(content);
    }

    [Theory]
    [InlineData("azure-blob")]
    [InlineData("oci")]
    public async Task Neither_a_backends_limit_nor_that_of_sessions_matters_for_a_content_that_is_there(string provider)
    {
        var backends = await TestBackends.StartAsync(services, provider);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Uploads:MaxStagedBytes"] = "50" };
        await using var service = await CasService.StartAsync(services, ports: backends.Ports, settings: settings);
        var tenant = await service.NewTenantAsync();
        await backends.AddAsync(tenant, provider);
        var content = RandomNumberGenerator.GetBytes(100);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        (await tenant.PatchAsync("/v1/backends/large", new { maxBytes = 60 })).Expect(HttpStatusCode.OK);

        var tus = await tenant.NewTusAsync(content);
        var ietf = await tenant.NewIetfAsync(content);

        (await tenant.AppendTusAsync(tus, 0, content)).Expect(HttpStatusCode.NoContent);
        (await tenant.AppendIetfAsync(ietf, 0, content, true)).Expect(HttpStatusCode.Created);
        (await tenant.CreateTusAsync(Sha256Digest.Of([1]), 100)).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
    }

    [Fact]
    public async Task A_session_on_a_registry_is_limited_at_its_creation()
    {
        var backends = await TestBackends.StartAsync(services, "oci");
        await using var service = await CasService.StartAsync(services, ports: backends.Ports);
        var tenant = await service.NewTenantAsync();
        await backends.AddAsync(tenant, "oci");
        const long Limit = 4L << 30;

        foreach (var refused in new[]
        {
            await tenant.CreateTusAsync(Sha256Digest.Of([1]), Limit + 1),
            await tenant.CreateIetfAsync(Sha256Digest.Of([1]), Limit + 1),
            await tenant.CreateUploadAsync(Sha256Digest.Of([1]), Limit + 1),
        })
        {
            refused.ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
            Assert.Equal($"{Limit}", refused["maxSize"]);
            Assert.Equal($"max-size={Limit}", refused.Field("Upload-Limit"));
            Assert.Contains("PUT /v1/artifacts", refused["hint"], StringComparison.Ordinal);
        }

        (await tenant.CreateTusAsync(Sha256Digest.Of([1]), Limit)).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_POST_can_stand_for_every_other_method()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(100);
        var upload = await tenant.NewTusAsync(content);
        var doomed = await tenant.NewTusAsync(RandomNumberGenerator.GetBytes(100));

        var first = new ByteArrayContent(content[..40]) { Headers = { ContentType = new("application/offset+octet-stream") } };
        var appended = await PostForAsync("PATCH", upload, first, ("Upload-Offset", "0"));
        Assert.Equal("40", appended.Expect(HttpStatusCode.NoContent).Field("Upload-Offset"));
        var head = (await PostForAsync("HEAD", upload, null)).Expect(HttpStatusCode.OK);
        Assert.Equal(("40", "100"), (head.Field("Upload-Offset"), head.Field("Upload-Length")));
        (await PostForAsync("DELETE", doomed, null)).Expect(HttpStatusCode.NoContent);
        (await tenant.HeadTusAsync(doomed)).Expect(HttpStatusCode.Gone);
        (await PostForAsync("PUT", upload, null)).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");
        (await tenant.SendAsync(HttpMethod.Post, upload, null, null)).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");

        (await tenant.AppendTusAsync(upload, 40, content.AsMemory(40))).Expect(HttpStatusCode.NoContent);
        await tenant.AssertStoredAsync(content);

        Task<ApiReply> PostForAsync(string method, string path, HttpContent? body, params (string Name, string Value)[] fields) =>
            tenant.SendAsync(HttpMethod.Post, path, null, body, [("Tus-Resumable", "1.0.0"), ("X-HTTP-Method-Override", method), .. fields]);
    }
}
