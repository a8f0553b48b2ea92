using System.Net;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Conformance;

public abstract partial class ConformanceTests
{
    private static readonly Dictionary<string, Fault> Faults = new(StringComparer.Ordinal)
    {
        ["429"] = Fault.Answer(429, TimeSpan.FromSeconds(1)),
        ["500"] = Fault.Answer(500),
        ["503"] = Fault.Answer(503),
        ["cut"] = Fault.Cut,
        ["cut in the body"] = Fault.CutRequestAfter(50_000),
        ["lost reply"] = Fault.LoseReply,
    };

    [Theory]
    [InlineData("429", Small)]
    [InlineData("429", Large)]
    [InlineData("500", Small)]
    [InlineData("500", Large)]
    [InlineData("503", Small)]
    [InlineData("503", Large)]
    [InlineData("cut", Small)]
    [InlineData("cut", Large)]
    [InlineData("cut in the body", Small)]
    [InlineData("cut in the body", Large)]
    [InlineData("lost reply", Small)]
    [InlineData("lost reply", Large)]
    public async Task A_fault_while_content_is_sent(string fault, int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        var upload = await Tenant.NewUploadAsync(digest, size);
        var hits = 0;
        store.Proxy.Break(request => store.IsContent(request, digest) && ++hits > 0, Faults[fault], times: 1);

        var reply = await Tenant.PutAsync(upload, content);

        Assert.NotEqual(0, hits);
        if (reply.Status != HttpStatusCode.Created)
        {
            Assert.False(store.RepeatsParts || size <= Part, $"The upload was not repeated: {reply.Status} {reply.Code}");
            _note = "a streamed body can't be sent again: the client is told to repeat the upload";
            reply.ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");
            Assert.NotNull(reply.Message.Headers.RetryAfter);
            await AssertNothingStoredAsync(content);
            await UploadAsync(content);
        }

        await AssertStoredAsync(content);
    }

    [Theory]
    [InlineData("429", Small)]
    [InlineData("429", Large)]
    [InlineData("500", Large)]
    [InlineData("503", Large)]
    [InlineData("cut", Large)]
    [InlineData("lost reply", Small)]
    [InlineData("lost reply", Large)]
    public async Task A_fault_at_the_commit(string fault, int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        var upload = await Tenant.NewUploadAsync(digest, size);
        var hits = 0;

        // Where two requests make content readable, one after the other, both are hit.
        store.Proxy.Break(request => store.IsCommit(request, digest) && ++hits > 0, Faults[fault], times: 2);

        (await Tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);

        Assert.NotEqual(0, hits);
        await AssertStoredAsync(content);
    }

    [Fact]
    public async Task A_stall_at_the_commit()
    {
        (await store.Stalled).Expect(HttpStatusCode.Created);

        await AssertStoredAsync(store.StalledContent);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task A_store_that_is_down_fails_uploads_cleanly(int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        var upload = await Tenant.NewUploadAsync(digest, size);
        var down = true;
        store.Proxy.Break(request => down && (store.IsContent(request, digest) || store.IsCommit(request, digest)), Faults["503"]);

        var reply = (await Tenant.PutAsync(upload, content)).ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");

        Assert.NotNull(reply.Message.Headers.RetryAfter);
        down = false;
        await AssertNothingStoredAsync(content);
        await UploadAsync(content);
        await AssertStoredAsync(content);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task A_download_that_the_store_breaks_off(int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        await UploadAsync(content);
        store.Proxy.Break(request => store.IsRead(request, digest), Fault.CutResponseAfter(50_000), times: 1);

        var arrived = await TryReadAsync(digest);

        Assert.True(arrived is null || arrived.AsSpan().SequenceEqual(content), "Wrong content arrived whole.");
        await AssertStoredAsync(content);
    }

    /// <summary>Null when the service refuses, or breaks off at any point.</summary>
    private async Task<byte[]?> TryReadAsync(Sha256Digest digest)
    {
        try
        {
            using var reply = await Tenant.OpenAsync(digest);
            return reply.IsSuccessStatusCode ? await reply.Content.ReadAsByteArrayAsync(Cancellation) : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
