using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Backends;

public sealed class FailoverTests(TestServices services)
{
    private const int Mega = 1024 * 1024;

    public enum Way
    {
        OneCall,
        Session,
    }

    public enum Trouble
    {
        Cut,
        Refused,
        Overloaded,
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Way.OneCall, 1024, Trouble.Cut)]
    [InlineData(Way.Session, 1024, Trouble.Cut)]
    [InlineData(Way.Session, 1024, Trouble.Refused)]
    [InlineData(Way.Session, 1024, Trouble.Overloaded)]
    [InlineData(Way.OneCall, 20 * Mega, Trouble.Cut)]
    [InlineData(Way.Session, 20 * Mega, Trouble.Refused)]
    [InlineData(Way.Session, 200 * Mega, Trouble.Cut)]
    public async Task An_upload_goes_to_the_fallback_when_the_default_takes_nothing_and_the_client_notices_nothing(Way way, int size, Trouble trouble)
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        var content = RandomNumberGenerator.GetBytes(size);
        var digest = Sha256Digest.Of(content);
        var session = way == Way.Session ? await tenant.NewUploadAsync(digest, size) : null;
        backends.Proxy.Break(_ => true, trouble switch { Trouble.Refused => Fault.Answer(403), Trouble.Overloaded => Fault.Answer(503), _ => Fault.Cut });

        var stored = (session is null ? await tenant.PutArtifactAsync(content) : await tenant.PutAsync(session, content)).Expect(HttpStatusCode.Created);

        var annotations = stored.Json.GetProperty("annotations");
        Assert.Equal("spare", annotations.GetProperty("casfunctions.backend").GetString());
        Assert.StartsWith("fallback: 'main' ", annotations.GetProperty("casfunctions.backendReason").GetString(), StringComparison.Ordinal);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
        Assert.Empty(await TwoBackends.BlobsAsync(tenant.Container));
        Assert.Single(await TwoBackends.BlobsAsync(backends.Spare));
        if (session is not null)
        {
            var shown = (await tenant.GetAsync(session)).Expect(HttpStatusCode.OK);
            Assert.Equal(("spare", "committed"), (shown["backend"], shown["status"]));
            Assert.StartsWith("fallback: 'main' ", shown["backendReason"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_default_that_dies_in_mid_upload_costs_one_new_session()
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        var content = RandomNumberGenerator.GetBytes(200 * Mega);
        var digest = Sha256Digest.Of(content);
        var session = await tenant.NewUploadAsync(digest, content.Length);
        var blocks = 0;
        backends.Proxy.Break(request => request.Query.Contains("comp=block&", StringComparison.Ordinal) && Interlocked.Increment(ref blocks) > 5, Fault.Cut);
        backends.Proxy.Break(_ => Volatile.Read(ref blocks) > 5, Fault.Cut);

        var broken = await tenant.PutAsync(session, content);

        broken.ExpectProblem(HttpStatusCode.ServiceUnavailable, "upload-broken");
        Assert.Contains("new session", broken["hint"], StringComparison.Ordinal);
        Assert.Contains("middle of the upload", (await tenant.PutAsync(session, [])).ExpectProblem(HttpStatusCode.Gone, "upload-ended")["detail"], StringComparison.Ordinal);
        var next = (await tenant.CreateUploadAsync(digest, content.Length)).Expect(HttpStatusCode.Created);
        Assert.Equal("spare", next["backend"]);
        (await tenant.PutAsync(next["uploadUrl"]!, content)).Expect(HttpStatusCode.Created);
        Assert.Empty(await TwoBackends.BlobsAsync(tenant.Container));
        Assert.Single(await TwoBackends.BlobsAsync(backends.Spare));
    }

    [Fact]
    public async Task A_dead_default_is_asked_once_and_then_left_alone_and_what_went_to_the_fallback_stays_there()
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        byte[] before = [1];
        (await tenant.PutArtifactAsync(before)).Expect(HttpStatusCode.Created);
        backends.KillMain();
        byte[] meanwhile = [2];
        (await tenant.PutArtifactAsync(meanwhile)).Expect(HttpStatusCode.Created);
        var asked = backends.Proxy.Requests.Count;

        for (byte i = 3; i < 10; i++)
        {
            (await tenant.PutArtifactAsync([i])).Expect(HttpStatusCode.Created);
        }

        Assert.Equal(asked, backends.Proxy.Requests.Count);
        var suspect = (await tenant.GetAsync("/v1/backends/main")).Expect(HttpStatusCode.OK);
        Assert.Equal("suspect", suspect["status"]);
        Assert.False(string.IsNullOrEmpty(suspect["statusReason"]));

        backends.Proxy.Heal();
        (await tenant.PostAsync("/v1/backends/main/validation", new { })).Expect(HttpStatusCode.OK);
        Assert.Equal(meanwhile, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(meanwhile)}")).Expect(HttpStatusCode.OK).Body);
        Assert.Equal(before, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(before)}")).Expect(HttpStatusCode.OK).Body);
        (await tenant.PutArtifactAsync(meanwhile)).Expect(HttpStatusCode.OK);
        Assert.Single(await TwoBackends.BlobsAsync(tenant.Container));
    }

    [Fact]
    public async Task A_backend_that_the_caller_names_has_no_stand_in_and_content_too_large_for_the_fallback_fails()
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        (await tenant.PatchAsync("/v1/backends/spare", new { maxBytes = 10 })).Expect(HttpStatusCode.OK);
        var named = (await tenant.CreateUploadAsync(Sha256Digest.Of([1]), 1, backend: "main")).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        backends.KillMain();

        (await tenant.PutAsync(named, [1])).ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");
        (await tenant.PutArtifactAsync(new byte[11])).ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");
        (await tenant.PutArtifactAsync(new byte[10])).Expect(HttpStatusCode.Created);

        backends.Proxy.Heal();
        (await tenant.PutAsync(named, [1])).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Wrong_content_is_refused_and_reaches_no_backend()
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        var content = RandomNumberGenerator.GetBytes(20 * Mega);
        var session = await tenant.NewUploadAsync(Sha256Digest.Of(content), content.Length);
        content[^1] ^= 1;
        backends.KillMain();

        (await tenant.PutAsync(session, content)).ExpectProblem(HttpStatusCode.BadRequest, "digest-mismatch");

        Assert.Empty(await TwoBackends.BlobsAsync(tenant.Container));
        Assert.Empty(await TwoBackends.BlobsAsync(backends.Spare));
        content[^1] ^= 1;
        (await tenant.PutAsync(session, content)).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_download_takes_the_copy_of_another_backend_when_the_default_is_dead()
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        var content = RandomNumberGenerator.GetBytes(20 * Mega);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
        var second = (await tenant.CreateUploadAsync(Sha256Digest.Of(content), content.Length, backend: "spare")).Expect(HttpStatusCode.Created)["uploadUrl"]!;
        (await tenant.PutAsync(second, content)).Expect(HttpStatusCode.Created);
        backends.KillMain();

        using var reply = await tenant.OpenAsync(Sha256Digest.Of(content));

        Assert.Equal(content, await reply.Content.ReadAsByteArrayAsync(Cancellation));
    }
}
