using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Http;

public sealed class CopyTests(TestServices services, RunningService running)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_backend_that_holds_an_artifact_is_told_with_the_state_of_its_copy()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(100);
        var digest = Sha256Digest.Of(content);
        (await tenant.PutArtifactAsync(content, name: "report.xml")).Expect(HttpStatusCode.Created);
        await tenant.Container.GetBlobClient((await tenant.BlobsAsync()).Single()).UploadAsync(new BinaryData(new byte[100]), overwrite: true, Cancellation);
        (await tenant.PostAsync($"/v1/artifacts/{digest}/verification", new { })).Expect(HttpStatusCode.OK);
        var upload = (await tenant.CreateUploadAsync(digest, content.Length, name: "again.xml", backend: "inline")).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);

        var list = (await tenant.GetAsync($"/v1/artifacts/{digest}/copies", await tenant.NewTokenAsync("viewer"))).Expect(HttpStatusCode.OK).Json;

        Assert.Equal(digest.ToString(), list.GetProperty("digest").GetString());
        Assert.Collection(
            list.GetProperty("copies").EnumerateArray(),
            copy =>
            {
                Assert.Equal("azure", copy.GetProperty("backend").GetString());
                Assert.Equal("healthy", copy.GetProperty("backendStatus").GetString());
                Assert.Equal("report.xml", copy.GetProperty("labels")[0].GetProperty("name").GetString());
                Assert.True(copy.TryGetProperty("corruptSince", out _));
            },
            copy =>
            {
                Assert.Equal("inline", copy.GetProperty("backend").GetString());
                Assert.Equal("again.xml", copy.GetProperty("labels")[0].GetProperty("name").GetString());
                Assert.False(copy.TryGetProperty("corruptSince", out _));
            });
    }

    [Fact]
    public async Task What_is_not_there_has_no_copies()
    {
        var tenant = await running.NewTenantAsync(services);

        (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of([1])}/copies")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await tenant.GetAsync("/v1/artifacts/sha256:1/copies")).ExpectProblem(HttpStatusCode.BadRequest, "invalid-digest");
    }
}
