using System.Net.Sockets;
using System.Security.Authentication;
using CasFunctions.Providers;
using CasFunctions.Security;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Providers.S3;

/// <summary>What owners and callers are told, by what a store answers. The SDK parses the answers as it does in earnest.</summary>
public sealed class S3FailuresTests
{
    [Theory]
    [InlineData(404, "NoSuchKey", ProviderErrorKind.BlobNotFound, "no object")]
    [InlineData(404, null, ProviderErrorKind.BlobNotFound, "no object")]
    [InlineData(404, "NoSuchBucket", ProviderErrorKind.Misconfigured, "bucket does not exist")]
    [InlineData(400, "InvalidBucketName", ProviderErrorKind.Misconfigured, "bucket's name")]
    [InlineData(404, "NoSuchUpload", ProviderErrorKind.UploadLost, "upload")]
    [InlineData(403, "InvalidAccessKeyId", ProviderErrorKind.CredentialsRefused, "access key id")]
    [InlineData(403, "SignatureDoesNotMatch", ProviderErrorKind.CredentialsRefused, "secret access key")]
    [InlineData(400, "ExpiredToken", ProviderErrorKind.CredentialsRefused, "expired")]
    [InlineData(401, "Unauthorized", ProviderErrorKind.CredentialsRefused, "credentials")]
    [InlineData(401, null, ProviderErrorKind.CredentialsRefused, "credentials")]
    [InlineData(403, "AccessDenied", ProviderErrorKind.Forbidden, "s3:GetObject")]
    [InlineData(403, null, ProviderErrorKind.Forbidden, "s3:GetObject")]
    [InlineData(403, "QuotaExceeded", ProviderErrorKind.Forbidden, "quota")]
    [InlineData(403, "AllAccessDisabled", ProviderErrorKind.Forbidden, "closed")]
    [InlineData(403, "InvalidObjectState", ProviderErrorKind.Misconfigured, "archive")]
    [InlineData(400, "KMS.DisabledException", ProviderErrorKind.Misconfigured, "encrypts")]
    [InlineData(403, "RequestTimeTooSkewed", ProviderErrorKind.Unavailable, "clock")]
    [InlineData(503, "SlowDown", ProviderErrorKind.Unavailable, "503 SlowDown")]
    [InlineData(500, "InternalError", ProviderErrorKind.Unavailable, "500 InternalError")]
    [InlineData(502, null, ProviderErrorKind.Unavailable, "502")]
    [InlineData(429, null, ProviderErrorKind.Unavailable, "429")]
    [InlineData(400, "RequestTimeout", ProviderErrorKind.Unavailable, "RequestTimeout")]
    [InlineData(501, "NotImplemented", ProviderErrorKind.Misconfigured, "endpoint")]
    [InlineData(405, null, ProviderErrorKind.Misconfigured, "endpoint")]
    [InlineData(418, "Teapot", ProviderErrorKind.Unexpected, "418 Teapot")]
    public async Task An_answer_says_what_is_wrong(int status, string? code, ProviderErrorKind kind, string words)
    {
        var failure = await ReadAsync(_ => StubStore.Error(status, code, "for AKIDEXAMPLE"));
        Assert.Equal(kind, failure.Kind);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("AKIDEXAMPLE", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301, "PermanentRedirect", "", "eu-west-1")]
    [InlineData(400, "AuthorizationHeaderMalformed", "the region 'us-east-1' is wrong; expecting 'eu-west-1'", null)]
    public async Task A_wrong_region_is_told_with_the_right_one(int status, string code, string message, string? header)
    {
        var failure = await ReadAsync(_ =>
        {
            var answer = StubStore.Error(status, code, message);
            if (header is not null)
            {
                answer.Headers.Add("x-amz-bucket-region", header);
            }

            return answer;
        });
        Assert.Equal(ProviderErrorKind.Misconfigured, failure.Kind);
        Assert.Contains("in the region eu-west-1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_store_is_told_from_other_arguments()
    {
        var failure = await ReadAsync(_ => StubStore.Error(400, "InvalidArgument", "Credential access key has length 11, should be 32"));
        Assert.Equal(ProviderErrorKind.CredentialsRefused, failure.Kind);
        Assert.Equal(ProviderErrorKind.Unexpected, (await ReadAsync(_ => StubStore.Error(400, "InvalidArgument", "x"))).Kind);
    }

    public static TheoryData<string, Exception, ProviderErrorKind, string> Connections => new()
    {
        {
            "name",
            new HttpRequestException(HttpRequestError.NameResolutionError, "x", new SocketException((int)SocketError.HostNotFound)),
            ProviderErrorKind.Unreachable,
            "host name"
        },
        {
            "refused",
            new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused)),
            ProviderErrorKind.Unreachable,
            "refuses connections"
        },
        {
            "no route",
            new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.NetworkUnreachable)),
            ProviderErrorKind.Unreachable,
            "can't be reached"
        },
        {
            "tls",
            new HttpRequestException(HttpRequestError.SecureConnectionError, "x", new AuthenticationException("x")),
            ProviderErrorKind.Unreachable,
            "TLS"
        },
        {
            "cut",
            new HttpRequestException(HttpRequestError.ResponseEnded, "x", new HttpIOException(HttpRequestError.ResponseEnded)),
            ProviderErrorKind.Unreachable,
            "cut"
        },
        { "connect time-out", new TaskCanceledException("x", new TimeoutException()), ProviderErrorKind.Unreachable, "in time" },
        { "guard", new OutboundRefusedException("The address is not public."), ProviderErrorKind.AddressRefused, "not public" },
        {
            "wrapped guard",
            new HttpRequestException("x", new OutboundRefusedException("The address is not public.")),
            ProviderErrorKind.AddressRefused,
            "not public"
        },
        { "unknown", new InvalidOperationException("AKIDEXAMPLE"), ProviderErrorKind.Unexpected, "failed" },
    };

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task A_failed_connection_says_why(string what, Exception error, ProviderErrorKind kind, string words)
    {
        var failure = await ReadAsync(_ => throw error);
        Assert.True(failure.Kind == kind, $"{what}: {failure.Kind}");
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("AKIDEXAMPLE", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_pass_by_itself_is_repeated_and_a_refusal_is_not()
    {
        var answers = new Queue<HttpResponseMessage>(
            [StubStore.Error(503, "SlowDown"), StubStore.Error(500, null), StubStore.Error(403, "AccessDenied")]);
        using var stub = new StubStore(_ => answers.Dequeue());
        var failure = await Assert.ThrowsAsync<ProviderException>(() => ReadAsync(stub, TimeProvider.System));
        Assert.Equal(ProviderErrorKind.Forbidden, failure.Kind);
        Assert.Empty(answers);
    }

    [Fact]
    public async Task A_store_that_never_answers_is_asked_once_more_and_then_ends_by_the_time_outs()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        using var silent = new SilentStore();
        var read = ReadAsync(silent, time);
        while (!read.IsCompleted)
        {
            await silent.Asked.WaitAsync(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        var failure = await Assert.ThrowsAsync<ProviderException>(() => read);
        Assert.Equal(ProviderErrorKind.Unreachable, failure.Kind);
        Assert.Contains("in time", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, silent.Tries);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_not_a_failure()
    {
        using var cancelled = new CancellationTokenSource();
        using var silent = new SilentStore();
        var read = StubStore.Open(silent).OpenReadAsync(StubStore.Blob.Digest, 0, 8, cancelled.Token);
        await silent.Asked.WaitAsync(TestContext.Current.CancellationToken);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    private static async Task<ProviderException> ReadAsync(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        using var stub = new StubStore(answer);
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        var read = ReadAsync(stub, time);
        while (!read.IsCompleted)
        {
            // Lets the pauses between tries pass at once.
            time.Advance(ProviderRetry.BaseDelay);
            await Task.Yield();
        }

        return await Assert.ThrowsAsync<ProviderException>(() => read);
    }

    private static Task<Stream> ReadAsync(HttpMessageHandler handler, TimeProvider time) =>
        StubStore.Open(handler, time: time).OpenReadAsync(StubStore.Blob.Digest, 0, 8, TestContext.Current.CancellationToken);

    private sealed class SilentStore : HttpMessageHandler
    {
        public SemaphoreSlim Asked { get; } = new(0);

        public int Tries { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Tries++;
            Asked.Release();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("An infinite wait ended.");
        }
    }
}
