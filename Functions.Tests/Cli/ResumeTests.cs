using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary>Uploads that are continued, by the same run or by another one.</summary>
public sealed class ResumeTests(TestServices services, RunningService running)
{
    private const int Large = 96 * 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_upload_is_continued_by_the_next_run_which_sends_only_what_is_missing()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        await using var counting = await CountingProxy.StartAsync(tenant.Address);
        using var cas = new CasProgram(counting.Address, tenant.OwnerToken);
        var content = RandomNumberGenerator.GetBytes(Large);
        cas.Write("large", content);
        counting.Hold(after: Large / 2);
        using (var killed = cas.Start("artifact", "upload", "-f", "large"))
        {
            await Eventually.TrueAsync(_ => Task.FromResult(counting.Received >= Large / 2), Deadline, Cancellation);
            killed.Kill();
            await killed.WaitForExitAsync(Cancellation);
        }

        var record = await File.ReadAllTextAsync(Assert.Single(cas.Records).FullName, Cancellation);
        var session = System.Text.Json.JsonDocument.Parse(record).RootElement.GetProperty("session").GetString()!;
        counting.Release();
        var offset = long.Parse(
            (await tenant.SendAsync(HttpMethod.Head, session, null, null)).Message.Headers.GetValues("Upload-Offset").Single(), System.Globalization.CultureInfo.InvariantCulture);
        var before = counting.Received;

        (await cas.RunAsync("artifact", "upload", "-f", "large")).Expect(0);

        Assert.InRange(offset, 1, Large - 1);
        Assert.Equal(Large - offset, counting.Received - before);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}")).Expect(HttpStatusCode.OK).Body);
        Assert.Empty(cas.Records);
    }

    [Fact]
    public async Task A_cut_upload_goes_on_where_it_was()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        await using var proxy = await FaultProxy.StartAsync(tenant.Address);
        await using var counting = await CountingProxy.StartAsync(proxy.Address);
        using var cas = new CasProgram(counting.Address, tenant.OwnerToken);
        var content = RandomNumberGenerator.GetBytes(Large);
        cas.Write("large", content);
        proxy.Break(request => request.Method == "PATCH", Fault.CutRequestAfter(30_000_000), times: 2);

        (await cas.RunAsync("artifact", "upload", "-f", "large")).Expect(0);

        Assert.True(counting.Received < 1.5 * Large, $"{counting.Received} bytes were sent for {Large}.");
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}")).Expect(HttpStatusCode.OK).Body);
        Assert.Equal(1, proxy.Requests.Count(request => request.Method == "POST"));
    }

    [Fact]
    public async Task A_file_that_changed_in_between_is_uploaded_anew()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        await using var proxy = await FaultProxy.StartAsync(tenant.Address);
        using var cas = new CasProgram(proxy.Address, tenant.OwnerToken);
        var content = RandomNumberGenerator.GetBytes(Large / 4);
        cas.Write("large", content);
        proxy.Break(request => request.Method == "PATCH", Fault.CutRequestAfter(10_000_000));
        (await cas.RunAsync("artifact", "upload", "-f", "large", "--retry-for", "0s")).Expect(7);
        proxy.Heal();
        content[0] ^= 1;
        cas.Write("large", content);

        (await cas.RunAsync("artifact", "upload", "-f", "large")).Expect(0);

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}")).Expect(HttpStatusCode.OK).Body);
    }

    /// <summary>Forwards everything, counts the bytes of the bodies that it got, and stops reading where it is told.</summary>
    private sealed class CountingProxy : IAsyncDisposable
    {
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private FaultProxy _inner = null!;
        private LoopbackServer _server = null!;
        private long _received;
        private long _hold = long.MaxValue;

        public Uri Address => _server.Address;

        public long Received => Interlocked.Read(ref _received);

        public static async Task<CountingProxy> StartAsync(Uri service)
        {
            var proxy = new CountingProxy { _inner = await FaultProxy.StartAsync(service) };
            proxy._server = await LoopbackServer.StartAsync(null, async context =>
            {
                await using var body = new CountingStream(context.Request.Body, proxy);
                using var answer = await proxy._inner.ForwardAsync(context, body, context.RequestAborted);
                FaultProxy.CopyHead(answer, context.Response);
                await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            });
            return proxy;
        }

        public void Hold(long after) => _hold = after;

        public void Release() => _release.TrySetResult();

        public async ValueTask DisposeAsync()
        {
            Release();
            await _server.DisposeAsync();
            await _inner.DisposeAsync();
        }

        private sealed class CountingStream(Stream inner, CountingProxy proxy) : Stream
        {
            public override bool CanRead => true;

            public override bool CanSeek => false;

            public override bool CanWrite => false;

            public override long Length => throw new NotSupportedException();

            public override long Position
            {
                get => throw new NotSupportedException();
                set => throw new NotSupportedException();
            }

            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                if (proxy.Received >= proxy._hold)
                {
                    await proxy._release.Task.WaitAsync(cancellationToken);
                }

                var count = await inner.ReadAsync(buffer, cancellationToken);
                Interlocked.Add(ref proxy._received, inner == Null ? 0 : count);
                return count;
            }

            public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
                ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

            public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override void Flush() => throw new NotSupportedException();

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();

            public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        }
    }
}
