using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using CasFunctions.Providers;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Providers.S3;

/// <summary>What goes over the wire to stores that don't run here. Each of these once broke a compatible store.</summary>
public sealed class S3RequestTests
{
    private static readonly ReadOnlySequence<byte> Content = new(StubStore.Content);

    [Theory]
    [InlineData(null, "https://evidence.s3.us-east-1.amazonaws.com/ci/sha256%3A")]
    [InlineData("https://acct.r2.cloudflarestorage.com", "https://acct.r2.cloudflarestorage.com/evidence/ci/sha256%3A")]
    public async Task A_put_signs_its_payload_and_declares_the_digest(string? endpoint, string address)
    {
        using var stub = new StubStore(_ => StubStore.Xml(200, ""));
        var outcome = await StubStore.Open(stub, endpoint).PutAsync(StubStore.Blob, Content, TestContext.Current.CancellationToken);

        Assert.Equal(CommitOutcome.Committed, outcome);
        var request = Assert.Single(stub.Requests);
        Assert.Equal("PUT", request.Method);
        Assert.Equal(address + StubStore.Blob.Digest.Hex, request.Address);
        Assert.Equal(StubStore.Content, request.Body);
        Assert.Equal(StubStore.Blob.Digest.Base64, request.Headers["x-amz-checksum-sha256"]);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        Assert.Equal("nonce-1", request.Headers["x-amz-meta-cas-nonce"]);
        Assert.Equal("report.json", request.Headers["x-amz-meta-cas-name"]);
        AssertSignedWhole(request, "us-east-1");
    }

    [Fact]
    public async Task A_part_signs_its_payload_without_chunks()
    {
        using var stub = new StubStore(_ => Tagged());
        var upload = await StubStore.Open(stub, "https://acct.r2.cloudflarestorage.com", "auto")
            .OpenUploadAsync(StubStore.Blob, "upload-1", TestContext.Current.CancellationToken);
        Assert.Equal("\"tag\"", await upload.WritePartAsync(2, Content, TestContext.Current.CancellationToken));

        var request = Assert.Single(stub.Requests);
        Assert.Contains("partNumber=2", request.Address, StringComparison.Ordinal);
        Assert.Equal(StubStore.Content, request.Body);
        Assert.False(request.Headers.ContainsKey("Content-MD5"));
        AssertSignedWhole(request, "auto");
    }

    [Fact]
    public async Task Where_object_lock_demands_it_parts_carry_their_md5()
    {
        const string demand = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Part requests with Object Lock parameters";
        using var stub = new StubStore(request => request.Content!.Headers.ContentMD5 is null
            ? StubStore.Error(400, "InvalidRequest", demand)
            : Tagged());
        var upload = await StubStore.Open(stub).OpenUploadAsync(StubStore.Blob, "upload-1", TestContext.Current.CancellationToken);
        await upload.WritePartAsync(1, Content, TestContext.Current.CancellationToken);
        await upload.WritePartAsync(2, Content, TestContext.Current.CancellationToken);

        Assert.Equal(3, stub.Requests.Count);
        Assert.Equal("FOENVwBHZn+QQmHm0I9SDw==", stub.Requests[^1].Headers["Content-MD5"]);
    }

    [Theory]
    [InlineData(412, "PreconditionFailed", "")]
    [InlineData(409, "FileImmutable", "")]
    [InlineData(400, "InvalidRequest", "Object is WORM protected and cannot be overwritten")]
    public async Task A_store_that_keeps_what_it_has_displaces_ours(int status, string code, string message)
    {
        using var stub = new StubStore(_ => StubStore.Error(status, code, message));
        var store = StubStore.Open(stub);
        Assert.Equal(CommitOutcome.Displaced, await store.PutAsync(StubStore.Blob, Content, TestContext.Current.CancellationToken));
        var upload = await store.OpenUploadAsync(StubStore.Blob, "upload-1", TestContext.Current.CancellationToken);
        Assert.Equal(CommitOutcome.Displaced, await upload.CommitAsync(["\"tag\""], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_commit_that_loses_against_another_of_the_same_moment_is_displaced()
    {
        var nonce = StubStore.Blob.Nonce;
        using var stub = new StubStore(request => request.Method == HttpMethod.Head
            ? Headed(nonce, StubStore.Blob.Size)
            : StubStore.Xml(200, "<CompleteMultipartUploadResult><Key>sha256:1</Key><ETag></ETag></CompleteMultipartUploadResult>"));
        var upload = await StubStore.Open(stub).OpenUploadAsync(StubStore.Blob, "upload-1", TestContext.Current.CancellationToken);
        Assert.Equal(CommitOutcome.Committed, await upload.CommitAsync(["\"tag\""], TestContext.Current.CancellationToken));
        nonce = "another";
        Assert.Equal(CommitOutcome.Displaced, await upload.CommitAsync(["\"tag\""], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_error_in_the_body_of_a_200_is_not_a_commit()
    {
        var answers = new Queue<HttpResponseMessage>(
            [
                StubStore.Error(200, "InternalError"),
                StubStore.Xml(200, "<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>"),
            ]);
        using var stub = new StubStore(_ => answers.Dequeue());
        var upload = await StubStore.Open(stub).OpenUploadAsync(StubStore.Blob, "upload-1", TestContext.Current.CancellationToken);
        Assert.Equal(CommitOutcome.Committed, await upload.CommitAsync(["\"tag\""], TestContext.Current.CancellationToken));
        Assert.Empty(answers);
    }

    [Theory]
    [InlineData(404, "NoSuchUpload", ProviderErrorKind.UploadLost)]
    [InlineData(400, "InvalidPart", ProviderErrorKind.UploadLost)]
    [InlineData(200, null, ProviderErrorKind.Unexpected)]
    public async Task A_commit_in_doubt_counts_only_with_our_nonce_and_size(int status, string? code, ProviderErrorKind kind)
    {
        var head = Headed("another", StubStore.Blob.Size);
        using var stub = new StubStore(request => request.Method == HttpMethod.Head ? head : StubStore.Error(status, code));
        var upload = await StubStore.Open(stub).OpenUploadAsync(StubStore.Blob, "upload-1", TestContext.Current.CancellationToken);
        Assert.Equal(kind, (await Assert.ThrowsAsync<ProviderException>(Commit)).Kind);
        head = Headed(StubStore.Blob.Nonce, StubStore.Blob.Size - 1);
        Assert.Equal(kind, (await Assert.ThrowsAsync<ProviderException>(Commit)).Kind);
        head = Headed(StubStore.Blob.Nonce, StubStore.Blob.Size);
        Assert.Equal(CommitOutcome.Committed, await Commit());

        Task<CommitOutcome> Commit() => upload.CommitAsync(["\"tag\""], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_host_that_says_yes_to_everything_is_not_a_healthy_store()
    {
        using var stub = new StubStore(_ => StubStore.Xml(200, "<html><body>Welcome</body></html>"));
        var failure = await Assert.ThrowsAsync<ProviderException>(
            () => StubStore.Open(stub).ProbeAsync(TestContext.Current.CancellationToken));
        Assert.Equal(ProviderErrorKind.Misconfigured, failure.Kind);
    }

    [Fact]
    public async Task A_store_that_takes_the_probes_wrong_body_is_cleaned_up()
    {
        using var stub = new StubStore(request => request switch
        {
            { Method.Method: "PUT" } or { Method.Method: "DELETE" } => StubStore.Xml(200, ""),
            { RequestUri.Query.Length: > 0 } => StubStore.Xml(200, "<ListBucketResult><Name>evidence</Name></ListBucketResult>"),
            _ => StubStore.Error(404, "NoSuchKey"),
        });
        await StubStore.Open(stub).ProbeAsync(TestContext.Current.CancellationToken);

        var put = Assert.Single(stub.Requests, request => request.Method is "PUT");
        Assert.Equal<byte[]>([1], put.Body);
        Assert.NotEqual(Convert.ToHexStringLower(SHA256.HashData(put.Body)), put.Headers["X-Amz-Content-SHA256"], StringComparer.Ordinal);
        Assert.NotEqual("VaVACK0bpYmqIQ0mKcHfQQ==", put.Headers["Content-MD5"], StringComparer.Ordinal);
        Assert.Equal(put.Address, Assert.Single(stub.Requests, request => request.Method is "DELETE").Address);
    }

    [Fact]
    public async Task A_wrong_clock_is_made_up_for()
    {
        var skewed = TimeProvider.System.GetUtcNow().AddHours(-2);
        using var stub = new StubStore(request =>
        {
            var signedAt = DateTimeOffset.ParseExact(
                request.Headers.GetValues("X-Amz-Date").Single(), "yyyyMMdd'T'HHmmss'Z'", null, DateTimeStyles.AssumeUniversal);
            var answer = (signedAt - skewed).Duration() > TimeSpan.FromMinutes(15)
                ? StubStore.Error(403, "RequestTimeTooSkewed")
                : StubStore.Xml(200, "");
            answer.Headers.Date = skewed;
            return answer;
        });
        var outcome = await StubStore.Open(stub, "https://skewed.example.com")
            .PutAsync(StubStore.Blob, Content, TestContext.Current.CancellationToken);
        Assert.Equal(CommitOutcome.Committed, outcome);
    }

    [Fact]
    public async Task A_body_that_stops_ends_by_the_time_out_and_one_that_breaks_says_so()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var body = new TaskCompletionSource<int>();
        using var stub = new StubStore(_ => new HttpResponseMessage(HttpStatusCode.PartialContent)
        {
            Content = new StreamContent(new PausedStream(body.Task)),
        });
        var store = StubStore.Open(stub, time: time);
        await using var silent = await store.OpenReadAsync(StubStore.Blob.Digest, 0, 8, TestContext.Current.CancellationToken);
        var read = silent.ReadExactlyAsync(new byte[8], TestContext.Current.CancellationToken).AsTask();
        time.Advance(ProviderRetry.TryTimeout);
        Assert.Equal(ProviderErrorKind.Unreachable, (await Assert.ThrowsAsync<ProviderException>(() => read)).Kind);

        await using var broken = await store.OpenReadAsync(StubStore.Blob.Digest, 0, 8, TestContext.Current.CancellationToken);
        body.SetException(new IOException("Connection reset by peer"));
        var failure = await Assert.ThrowsAsync<ProviderException>(
            async () => await broken.ReadExactlyAsync(new byte[8], TestContext.Current.CancellationToken));
        Assert.Contains("cut", failure.Message, StringComparison.Ordinal);
    }

    private static void AssertSignedWhole(StubStore.Request request, string region)
    {
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(request.Body)), request.Headers["X-Amz-Content-SHA256"]);
        Assert.Contains($"/{region}/s3/aws4_request", request.Headers["Authorization"], StringComparison.Ordinal);
        Assert.DoesNotContain(
            request.Headers.Keys,
            name => name is "Expect" or "Content-Encoding"
                or "x-amz-trailer" or "x-amz-sdk-checksum-algorithm" or "x-amz-decoded-content-length");
    }

    private static HttpResponseMessage Tagged()
    {
        var answer = StubStore.Xml(200, "");
        answer.Headers.TryAddWithoutValidation("ETag", "\"tag\"");
        return answer;
    }

    private static HttpResponseMessage Headed(string nonce, long size)
    {
        var answer = new HttpResponseMessage { Content = new ByteArrayContent(new byte[size]) };
        answer.Headers.Add("x-amz-meta-cas-nonce", nonce);
        return answer;
    }

    /// <summary>A body of which nothing comes before the task ends.</summary>
    private sealed class PausedStream(Task<int> next) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await next.WaitAsync(cancellationToken);
    }
}
