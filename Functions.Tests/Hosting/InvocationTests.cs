using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Tests.Hosting;

public sealed class InvocationTests : IDisposable
{
    private readonly Reports _reports = new();
    private readonly LogRecorder _log = new();

    [Fact]
    public async Task A_function_sees_its_name_its_trace_its_request_and_a_token_of_its_own()
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "context/a%2Fb");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(
            "context|CasFunctions.Tests.Hosting.InvocationFunctions.Context|httpTrigger|a%2Fb|0af7651916cd43dd8448eb211c80319c|True|True|False",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("disposed", await _reports.NextAsync());
    }

    [Fact]
    public async Task A_caller_that_goes_away_cancels_the_token_and_is_no_error()
    {
        await using (var host = await StartAsync())
        {
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var call = host.Client.GetAsync("wait", caller.Token);
            Assert.Equal("started", await _reports.NextAsync());

            await caller.CancelAsync();

            Assert.Equal("cancelled", await _reports.NextAsync());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }

        Assert.Empty(_log.Errors);
    }

    [Fact]
    public async Task A_connection_that_breaks_during_an_upload_is_a_failed_read_and_no_error()
    {
        await using (var host = await StartAsync())
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, host.Client.BaseAddress!.Port, TestContext.Current.CancellationToken);
            await socket.SendAsync(
                Encoding.ASCII.GetBytes("PUT /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
                TestContext.Current.CancellationToken);
            Assert.Equal("read", await _reports.NextAsync());

            socket.Close();

            Assert.Equal("failed", await _reports.NextAsync());
            Assert.Equal("disposed", await _reports.NextAsync());
        }

        Assert.Empty(_log.Errors);
    }

    [Fact]
    public async Task A_host_that_stops_cancels_the_token_of_open_requests()
    {
        await using var host = await StartAsync();
        var call = host.Client.GetAsync("wait", TestContext.Current.CancellationToken);
        Assert.Equal("started", await _reports.NextAsync());

        await host.Host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal("cancelled", await _reports.NextAsync());
        using var response = await call;
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task A_failure_is_logged_with_its_exception()
    {
        await using var host = await TestHost.StartAsync([typeof(ResultFunctions)], builder => builder.Logging.AddProvider(_log));

        using var response = await host.Client.GetAsync("failure", TestContext.Current.CancellationToken);

        var (text, exception) = Assert.Single(_log.Errors);
        Assert.Contains("failure", text, StringComparison.Ordinal);
        Assert.Equal("secret detail", exception?.Message);
    }

    [Theory]
    [InlineData(10, 200, "10")]
    [InlineData(11, 500, "")]
    public async Task The_apps_own_body_limit_counts_and_a_body_above_it_is_an_empty_500(int size, int status, string body)
    {
        await using var host = await StartAsync(builder =>
            builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = 10));
        using var content = new ByteArrayContent(new byte[size]);

        using var response = await host.Client.PutAsync("read", content, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_apps_own_memory_pools_serve_the_connections()
    {
        var pools = new CountingPools();
        await using var host = await StartAsync(builder => builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(pools));

        await host.Client.GetStringAsync("context/a", TestContext.Current.CancellationToken);

        Assert.NotEqual(0, pools.Created);
    }

    public void Dispose() => _log.Dispose();

    private Task<TestHost> StartAsync(Action<FunctionsApplicationBuilder>? configure = null) => TestHost.StartAsync(
        [typeof(InvocationFunctions)],
        builder =>
        {
            builder.Services.AddSingleton(_reports);
            builder.Logging.AddProvider(_log);
            configure?.Invoke(builder);
        });

    private sealed class CountingPools : IMemoryPoolFactory<byte>
    {
        public int Created { get; private set; }

        public MemoryPool<byte> Create(MemoryPoolOptions? options = null)
        {
            Created++;
            return MemoryPool<byte>.Shared;
        }
    }
}
