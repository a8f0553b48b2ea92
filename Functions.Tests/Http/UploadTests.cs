using System.Net;
using System.Security.Cryptography;
using Azure.Storage.Blobs.Specialized;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Http;

public sealed class UploadTests(TestServices services, RunningService running)
{
    private const int Part = 8 * 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Part - 1)]
    [InlineData(Part)]
    [InlineData(Part + 1)]
    [InlineData((3 * Part) + 17)]
    public async Task Content_of_any_size_comes_back_as_it_was_sent(int size)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        foreach (var chunked in new[] { true, false })
        {
            var content = RandomNumberGenerator.GetBytes(size);
            var digest = Sha256Digest.Of(content);
            if (await HasAsync(tenant, digest))
            {
                continue;
            }

            var upload = await tenant.NewUploadAsync(digest, size, "report.bin");
            var stored = (await tenant.PutAsync(upload, content, chunked)).Expect(HttpStatusCode.Created);

            Assert.Equal(digest.Hex, stored.Json.GetProperty("digest").GetProperty("sha256").GetString());
            Assert.Equal("report.bin", stored["name"]);
            Assert.Contains(digest.ToString(), await tenant.BlobsAsync());
            var fetched = (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK);
            Assert.Equal(content, fetched.Body);
        }
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData((2 * Part) + 5)]
    public async Task Wrong_content_is_refused_and_leaves_nothing_and_an_honest_retry_succeeds(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var flipped = content.ToArray();
        flipped[size / 2] ^= 1;
        (byte[] Sent, string Code)[] wrong =
        [
            (flipped, "digest-mismatch"),
            (content[..^1], "size-mismatch"),
            ([.. content, 0], "size-mismatch"),
            (RandomNumberGenerator.GetBytes(size), "digest-mismatch"),
        ];
        foreach (var (sent, code) in wrong)
        {
            foreach (var chunked in new[] { true, false })
            {
                var tenant = await running.NewAzureTenantAsync(services);
                var digest = Sha256Digest.Of(content);
                var upload = await tenant.NewUploadAsync(digest, size);

                (await tenant.PutAsync(upload, sent, chunked)).ExpectProblem(HttpStatusCode.BadRequest, code);

                await AssertNothingStoredAsync(tenant, digest);
                (await tenant.PutAsync(upload, content, chunked)).Expect(HttpStatusCode.Created);
                Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Body);
            }
        }
    }

    [Theory]
    [InlineData(99_999)]
    [InlineData(100_001)]
    [InlineData(0)]
    public async Task A_wrong_declared_size_is_refused(long declared)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(100_000);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, declared);

        (await tenant.PutAsync(upload, content)).ExpectProblem(HttpStatusCode.BadRequest, "size-mismatch");
        (await tenant.PutAsync(upload, content, chunked: false)).ExpectProblem(HttpStatusCode.BadRequest, "size-mismatch");

        await AssertNothingStoredAsync(tenant, digest);
        var retry = await tenant.NewUploadAsync(digest, content.Length);
        (await tenant.PutAsync(retry, content)).Expect(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData(300_000, 100_000)]
    [InlineData(3 * Part, (2 * Part) + 1000)]
    public async Task A_connection_cut_in_the_middle_leaves_nothing(int size, int sent)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, size);
        foreach (var chunked in new[] { true, false })
        {
            await RawRequest.SendPartAndCutAsync(tenant.Address, "PUT", upload, content.AsMemory(0, sent), chunked ? null : size, Cancellation);
        }

        await AssertNothingStoredAsync(tenant, digest);
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Body);
    }

    [Theory]
    [InlineData("SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85")]
    [InlineData("sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public async Task A_malformed_digest_is_refused_everywhere(string digest)
    {
        var tenant = await running.NewAzureTenantAsync(services);

        (await tenant.PostAsync("/v1/uploads", new { digest, size = 0 })).ExpectProblem(HttpStatusCode.BadRequest, "invalid-digest");
        (await tenant.SendAsync(HttpMethod.Put, $"/v1/artifacts/{digest}", tenant.OwnerToken, new ByteArrayContent([])))
            .ExpectProblem(HttpStatusCode.BadRequest, "invalid-digest");
        (await tenant.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.BadRequest, "invalid-digest");

        Assert.Empty(await tenant.BlobsAsync());
    }

    [Theory]
    [InlineData("Content-Digest")]
    [InlineData("Repr-Digest")]
    public async Task A_digest_field_that_contradicts_the_session_is_refused_before_a_byte_is_read(string field)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(1000);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, content.Length);
        var other = $"sha-256=:{Sha256Digest.Of([1]).Base64}:";

        // The body never comes: an answer can only be given without it.
        var answer = await RawRequest.SendHeadAsync(tenant.Address, "PUT", upload, [$"{field}: {other}", "Content-Length: 1000"], Cancellation);
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);

        (await tenant.PutAsync(upload, content, true, (field, "sha-256=:not base64:"))).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");
        (await tenant.PutAsync(upload, content, true, (field, $"sha-256=:{digest.Base64}:"))).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Content_that_is_there_is_not_sent_again_and_every_name_is_listed()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(5000);
        var digest = Sha256Digest.Of(content);
        (await tenant.PutArtifactAsync(content, "first.json")).Expect(HttpStatusCode.Created);

        (await tenant.CreateUploadAsync(digest, content.Length, "second.json")).Expect(HttpStatusCode.OK);
        (await tenant.PutArtifactAsync(content, "third.json")).Expect(HttpStatusCode.OK);
        (await tenant.PutArtifactAsync(content, "third.json")).Expect(HttpStatusCode.OK);

        var listed = (await tenant.GetAsync("/v1/artifacts")).Expect(HttpStatusCode.OK).Json.GetProperty("artifacts");
        Assert.Equal(["third.json", "second.json", "first.json"], listed.EnumerateArray().Select(line => line.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Another_organization_neither_sees_the_content_nor_skips_its_own_upload()
    {
        var owner = await running.NewAzureTenantAsync(services);
        var other = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(5000);
        var digest = Sha256Digest.Of(content);
        (await owner.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);

        (await other.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await other.GetAsync($"/v1/artifacts/{digest}/descriptor")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Empty((await other.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray());

        (await other.CreateUploadAsync(digest, content.Length)).Expect(HttpStatusCode.Created);
        (await other.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        Assert.Contains(digest.ToString(), await other.BlobsAsync());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100 * 1024 * 1024)]
    public async Task Two_clients_that_upload_the_same_content_at_once_both_succeed(int size)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        var first = await tenant.NewUploadAsync(digest, size, "one");
        var second = await tenant.NewUploadAsync(digest, size, "two");

        var replies = await Task.WhenAll(tenant.PutAsync(first, content), tenant.PutAsync(second, content));

        Assert.All(replies, reply => reply.Expect(HttpStatusCode.Created));
        Assert.Equal([digest.ToString()], await tenant.BlobsAsync());
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task A_commit_that_drops_the_blocks_of_another_upload_serves_both()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, content.Length);
        await using var slow = await RawRequest.OpenAsync(tenant.Address, "PUT", upload, content.Length, Cancellation);
        await slow.SendAsync(content.AsMemory(0, content.Length - 10), Cancellation);
        await Eventually.TrueAsync(async _ => await HasUncommittedAsync(tenant, digest), TimeSpan.FromSeconds(30), Cancellation);

        // Another writer of the same container, unknown to this organization's index, commits in between.
        await CommitAsAnotherWriterAsync(tenant, digest, content);
        await slow.SendAsync(content.AsMemory(content.Length - 10), Cancellation);

        Assert.StartsWith("HTTP/1.1 201", await slow.ReadHeadAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task An_upload_displaced_by_a_wrong_object_is_refused_and_a_repeat_replaces_it()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(2 * Part);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, content.Length);
        await using (var slow = await RawRequest.OpenAsync(tenant.Address, "PUT", upload, content.Length, Cancellation))
        {
            await slow.SendAsync(content.AsMemory(0, content.Length - 10), Cancellation);
            await Eventually.TrueAsync(async _ => await HasUncommittedAsync(tenant, digest), TimeSpan.FromSeconds(30), Cancellation);
            await CommitAsAnotherWriterAsync(tenant, digest, new byte[content.Length]);
            await slow.SendAsync(content.AsMemory(content.Length - 10), Cancellation);
            Assert.StartsWith("HTTP/1.1 50", await slow.ReadHeadAsync(Cancellation), StringComparison.Ordinal);
        }

        (await tenant.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task An_unknown_or_cancelled_session_says_so()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        (await tenant.PutAsync("/v1/uploads/" + new string('A', 43), [1])).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        var upload = await tenant.NewUploadAsync(Sha256Digest.Of([1]), 1);

        Assert.Equal("open", (await tenant.GetAsync(upload))["status"]);
        (await tenant.DeleteAsync(upload)).Expect(HttpStatusCode.NoContent);

        Assert.Equal("ended", (await tenant.GetAsync(upload))["status"]);
        (await tenant.PutAsync(upload, [1])).ExpectProblem(HttpStatusCode.Gone, "upload-ended");
        Assert.Empty(await tenant.BlobsAsync());
    }

    [Fact]
    public async Task A_repeated_upload_to_a_finished_session_gets_the_same_answer()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(1000);
        var upload = await tenant.NewUploadAsync(Sha256Digest.Of(content), content.Length, "a.txt");
        var first = (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);

        var second = (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);

        Assert.Equal(first.Body, second.Body);
        Assert.Equal("committed", (await tenant.GetAsync(upload))["status"]);
    }

    [Fact]
    public async Task Content_above_the_backends_limit_is_refused_with_the_limit()
    {
        var tenant = await (await running.NewTenantAsync(services)).AddAzureAsync(maxBytes: 1000);
        var content = RandomNumberGenerator.GetBytes(1001);

        var refusal = (await tenant.CreateUploadAsync(Sha256Digest.Of(content), 1001)).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        Assert.Equal("1000", refusal["maxSize"]);
        (await tenant.PutArtifactAsync(content)).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        (await tenant.PutArtifactAsync(content, chunked: true)).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        (await tenant.PutArtifactAsync(content[..1000], chunked: true)).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Content_of_undeclared_size_is_limited_to_one_part()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(Part + 1);

        (await tenant.PutArtifactAsync(content, chunked: true)).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        (await tenant.PutArtifactAsync(content[..Part], chunked: true)).Expect(HttpStatusCode.Created);
        (await tenant.PutArtifactAsync(content, chunked: false)).Expect(HttpStatusCode.Created);
    }

    private static async Task<bool> HasAsync(Tenant tenant, Sha256Digest digest) =>
        (await tenant.GetAsync($"/v1/artifacts/{digest}/descriptor")).Status == HttpStatusCode.OK;

    private static async Task<bool> HasUncommittedAsync(Tenant tenant, Sha256Digest digest) =>
        await tenant.Container
            .GetBlobsAsync(Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.Uncommitted, null, Cancellation)
            .AnyAsync(blob => blob.Name == digest.ToString(), Cancellation);

    /// <summary>Commits a block list, which drops everybody's uncommitted blocks of that blob.</summary>
    private static async Task CommitAsAnotherWriterAsync(Tenant tenant, Sha256Digest digest, byte[] content)
    {
        var blob = tenant.Container.GetBlockBlobClient(digest.ToString());
        var block = Convert.ToBase64String("foreign-0001"u8);
        await blob.StageBlockAsync(block, new MemoryStream(content), cancellationToken: Cancellation);
        await blob.CommitBlockListAsync([block], cancellationToken: Cancellation);
    }

    private static async Task AssertNothingStoredAsync(Tenant tenant, Sha256Digest digest)
    {
        Assert.DoesNotContain(digest.ToString(), await tenant.BlobsAsync());
        (await tenant.GetAsync($"/v1/artifacts/{digest}")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Empty((await tenant.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray());
    }
}
