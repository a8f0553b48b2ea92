using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using CasFunctions.Security;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Security;

/// <summary>What the guard does with real connections and the stores' client libraries.</summary>
public sealed class OutboundGuardTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_that_changes_between_look_ups_is_judged_by_the_address_that_is_connected_to()
    {
        using var certificate = new TestCertificate("store.example");
        await using var server = await LoopbackServer.StartAsync(certificate, context =>
        {
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        });
        var lookups = 0;
        using var outbound = TestOutbound.Allowing(server.Address, certificate, (_, _) => Task.FromResult(
            new[] { IPAddress.Parse(Interlocked.Increment(ref lookups) == 1 ? "127.0.0.1" : "127.0.0.2") }));
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);
        var address = new Uri($"https://store.example:{server.Address.Port}/");

        using var first = await client.GetAsync(address, Cancellation);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(1, lookups);
        await Assert.ThrowsAsync<OutboundRefusedException>(() => client.GetAsync(address, Cancellation));
        Assert.Equal(2, lookups);
    }

    [Fact]
    public async Task A_dead_address_is_followed_by_the_next_one()
    {
        using var certificate = new TestCertificate("store.example");
        await using var server = await LoopbackServer.StartAsync(certificate, _ => Task.CompletedTask);
        using var outbound = new OutboundHandlerFactory(
            Options.Create(new OutboundOptions
            {
                AllowedNetworks = ["127.0.0.0/8"],
                AllowedPorts = [server.Address.Port],
                TrustedCertificates = [certificate.AuthorityFile],
            }),
            (_, _) => Task.FromResult(new[] { IPAddress.Parse("127.0.0.77"), IPAddress.Loopback }));
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);

        using var response = await client.GetAsync($"https://store.example:{server.Address.Port}/", Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_name_without_addresses_is_unreachable_and_not_refused()
    {
        using var outbound = TestOutbound.Strict();
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("https://store.example/", Cancellation));

        Assert.Equal(HttpRequestError.NameResolutionError, error.HttpRequestError);
    }

    [Fact]
    public async Task Redirects_are_handed_to_the_caller_and_not_followed()
    {
        using var certificate = new TestCertificate();
        var requests = 0;
        await using var server = await LoopbackServer.StartAsync(certificate, context =>
        {
            Interlocked.Increment(ref requests);
            context.Response.Redirect(context.Request.Path == "/metadata" ? "https://169.254.169.254/" : "/elsewhere");
            return Task.CompletedTask;
        });
        using var outbound = TestOutbound.Allowing(server.Address, certificate);
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);

        using var response = await client.GetAsync(server.Address, Cancellation);
        using var metadata = await client.GetAsync(new Uri(server.Address, "/metadata"), Cancellation);

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal(2, requests);
        await Assert.ThrowsAsync<OutboundRefusedException>(() => client.GetAsync(metadata.Headers.Location, Cancellation));
    }

    [Fact]
    public async Task Only_the_networks_and_ports_that_the_operator_lists_are_opened()
    {
        await using var server = await LoopbackServer.StartAsync(null, _ => Task.CompletedTask);
        using var outbound = TestOutbound.Allowing(server.Address);
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);

        using var response = await client.GetAsync(server.Address, Cancellation);
        using var synchronous = client.Send(new HttpRequestMessage(HttpMethod.Get, server.Address), Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, synchronous.StatusCode);
        foreach (var refused in new[] { $"https://127.0.0.2:{server.Address.Port}/", "https://127.0.0.1:1/", "http://127.0.0.1/" })
        {
            await Assert.ThrowsAsync<OutboundRefusedException>(() => client.GetAsync(refused, Cancellation));
            using var request = new HttpRequestMessage(HttpMethod.Get, refused);
            Assert.Throws<OutboundRefusedException>(() => client.Send(request, Cancellation));
        }
    }

    [Fact]
    public async Task Certificates_need_a_known_authority_and_the_right_name()
    {
        using var certificate = new TestCertificate("store.example");
        using var other = new TestCertificate("store.example");
        await using var server = await LoopbackServer.StartAsync(certificate, _ => Task.CompletedTask);
        var right = new Uri($"https://store.example:{server.Address.Port}/");
        var wrong = new Uri($"https://other.example:{server.Address.Port}/");

        Assert.Null(await ErrorAsync(certificate, right));
        Assert.Equal(HttpRequestError.SecureConnectionError, await ErrorAsync(certificate, wrong));
        Assert.Equal(HttpRequestError.SecureConnectionError, await ErrorAsync(other, right));
        Assert.Equal(HttpRequestError.SecureConnectionError, await ErrorAsync(null, right));

        async Task<HttpRequestError?> ErrorAsync(TestCertificate? trusted, Uri address)
        {
            using var outbound = TestOutbound.Allowing(
                server.Address, trusted, (_, _) => Task.FromResult(new[] { IPAddress.Loopback }));
            using var client = new HttpClient(outbound.Handler, disposeHandler: false);
            try
            {
                using var response = await client.GetAsync(address, Cancellation);
                return null;
            }
            catch (HttpRequestException e)
            {
                return e.HttpRequestError;
            }
        }
    }

    [Fact]
    public async Task The_client_libraries_of_the_stores_do_not_repeat_refused_requests()
    {
        var lookups = 0;
        using var outbound = new OutboundHandlerFactory(Options.Create(new OutboundOptions()), (_, _) =>
        {
            Interlocked.Increment(ref lookups);
            return Task.FromResult(new[] { IPAddress.Parse("10.0.0.1") });
        });
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);
        using var transport = new HttpClientTransport(client);
        var blob = new BlobClient(new Uri("https://store.example/c/b"), new BlobClientOptions { Transport = transport });
        using var s3 = new AmazonS3Client(new BasicAWSCredentials("id", "key"), new AmazonS3Config
        {
            ServiceURL = "https://store.example",
            HttpClientFactory = new SharedHandler(outbound.Handler),
        });

        var azure = await Record.ExceptionAsync(() => blob.ExistsAsync(Cancellation));
        var azureSynchronous = Record.Exception(() => blob.Exists(Cancellation));
        var aws = await Record.ExceptionAsync(() => s3.GetObjectAsync("bucket", "key", Cancellation));

        Assert.NotNull(OutboundRefusedException.Find(azure));
        Assert.NotNull(OutboundRefusedException.Find(azureSynchronous));
        Assert.NotNull(OutboundRefusedException.Find(aws));
        Assert.Equal(3, lookups);
    }

    [Fact]
    public async Task Options_that_cannot_be_read_stop_the_app_at_its_start()
    {
        var missing = Path.Combine(Path.GetTempPath(), "no-such-authority.pem");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Cas:Outbound:TrustedCertificates:0"] = missing;
        builder.AddOutbound();
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
    }

    private sealed class SharedHandler(HttpMessageHandler handler) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(handler, disposeHandler: false);
    }
}
