using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using CasFunctions.Providers;
using CasFunctions.Security;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Providers.S3;
using CasFunctions.Tests.Services;
using CasFunctions.Trusts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace CasFunctions.Tests.Security;

/// <summary>
/// Servers that lead elsewhere: by redirects, by what they publish, by answers that never end; and proxies of the environment.
/// </summary>
public sealed class OutboundDetourTests(TestServices services)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task No_client_library_follows_a_redirect_to_another_host(int status)
    {
        await using var elsewhere = await Recorder.StartAsync();
        await using var store = await LoopbackServer.StartAsync(null, context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = new Uri(elsewhere.Address, "/evidence/ci/x").ToString();
            return Task.CompletedTask;
        });
        using var outbound = Open(store.Address, elsewhere.Address);
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);
        using var transport = new HttpClientTransport(client);
        var s3 = StubStore.Open(outbound.Handler, store.Address.GetLeftPart(UriPartial.Authority));
        var azure = new BlobContainerClient(
            $"AccountName=acct;AccountKey=QUJD;BlobEndpoint={store.Address}acct",
            "c",
            new BlobClientOptions { Transport = transport, Retry = { MaxRetries = 0 } });

        using var plain = await client.GetAsync(store.Address, Cancellation);
        await Assert.ThrowsAsync<ProviderException>(() => s3.PutAsync(StubStore.Blob, new(StubStore.Content), Cancellation));
        await Assert.ThrowsAsync<ProviderException>(() => s3.OpenReadAsync(StubStore.Blob.Digest, 0, 8, Cancellation));
        await Assert.ThrowsAsync<RequestFailedException>(
            () => azure.UploadBlobAsync("x", new MemoryStream(StubStore.Content), Cancellation));
        await Assert.ThrowsAsync<RequestFailedException>(() => azure.GetBlobClient("x").DownloadContentAsync(Cancellation));

        Assert.Equal(status, (int)plain.StatusCode);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData("https://169.254.169.254/keys", false)]
    [InlineData("http://127.0.0.1:{port}/keys", false)]
    [InlineData("https://127.0.0.2:{port}/keys", false)]
    [InlineData("https://localhost:1/keys", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/keys", false)]
    [InlineData("https://127.0.0.1:{port}/moved", false)]
    [InlineData("https://127.0.0.1:{port}/keys", true)]
    public async Task Keys_of_an_issuer_are_fetched_where_the_guard_lets_it_and_no_redirect_is_followed(string keys, bool found)
    {
        using var certificate = new TestCertificate();
        using var rsa = RSA.Create(2048);
        var address = "";
        await using var server = await LoopbackServer.StartAsync(certificate, context => context.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => context.Response.WriteAsync(JsonSerializer.Serialize(
                new { issuer = address, jwks_uri = keys.Replace("{port}", $"{context.Request.Host.Port}", StringComparison.Ordinal) })),
            "/moved" => MoveAsync(context),
            _ => context.Response.WriteAsync(KeySet(rsa)),
        });
        address = server.Address.ToString().TrimEnd('/');
        using var outbound = TestOutbound.Allowing(server.Address, certificate);
        using var issuers = new IssuerKeys(outbound, TimeProvider.System, NullLogger<IssuerKeys>.Instance);

        var fetched = await issuers.FindAsync(address, "k", Cancellation);

        Assert.Equal(found, fetched.Count > 0);

        static Task MoveAsync(HttpContext context)
        {
            context.Response.Redirect("/keys");
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task An_answer_that_never_ends_is_cut_whoever_reads_it()
    {
        await using var store = await LoopbackServer.StartAsync(null, async context =>
        {
            var isTaken = context.Request.Path.Value!.EndsWith("/ok", StringComparison.Ordinal) || context.Request.Query.ContainsKey("list-type");
            context.Response.StatusCode = isTaken ? 200 : 400;
            context.Response.ContentType = "application/xml";
            await context.Response.WriteAsync("<Error><Code>" + new string('x', 4 * 1024 * 1024), context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        using var outbound = Open(store.Address);
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);
        using var transport = new HttpClientTransport(client);
        var s3 = StubStore.Open(outbound.Handler, store.Address.GetLeftPart(UriPartial.Authority));
        var azure = new BlobContainerClient(
            $"AccountName=acct;AccountKey=QUJD;BlobEndpoint={store.Address}acct",
            "c",
            new BlobClientOptions { Transport = transport, Retry = { MaxRetries = 0 } });

        await AssertEndsAsync(() => client.GetAsync(store.Address, Cancellation));
        await AssertEndsAsync(() => client.PostAsync(new Uri(store.Address, "/ok"), null, Cancellation));
        await AssertEndsAsync(() => s3.PutAsync(StubStore.Blob, new(StubStore.Content), Cancellation));
        await AssertEndsAsync(() => s3.OpenReadAsync(StubStore.Blob.Digest, 0, 8, Cancellation));
        await AssertEndsAsync(() => s3.ProbeAsync(Cancellation));
        await AssertEndsAsync(() => azure.UploadBlobAsync("x", new MemoryStream(StubStore.Content), Cancellation));
        await AssertEndsAsync(() => azure.GetBlobClient("x").DownloadContentAsync(Cancellation));

        // Whoever reads on waits for more, and would do so far longer than this.
        static async Task AssertEndsAsync(Func<Task> call)
        {
            var failure = await Record.ExceptionAsync(() => call().WaitAsync(TimeSpan.FromSeconds(45), Cancellation));
            Assert.NotNull(failure);
            Assert.IsNotType<TimeoutException>(failure);
        }
    }

    [Fact]
    public async Task A_server_that_offers_HTTP_3_is_spoken_to_over_the_connection_that_was_judged()
    {
        using var certificate = new TestCertificate();
        await using var server = await Recorder.StartAsync(certificate, context =>
            context.Response.Headers.AltSvc = "h3=\":443\"; ma=3600");
        using var outbound = TestOutbound.Allowing(server.Address, certificate);
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);

        foreach (var policy in Enum.GetValues<HttpVersionPolicy>())
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, server.Address)
            {
                Version = HttpVersion.Version30,
                VersionPolicy = policy,
            };
            using var answer = await client.SendAsync(request, Cancellation);
            Assert.Equal(HttpVersion.Version20, answer.Version);
        }

        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_kept_connection_stays_on_its_address_when_the_name_moves()
    {
        using var certificate = new TestCertificate("store.example");
        await using var server = await Recorder.StartAsync(certificate);
        var lookups = 0;
        using var outbound = TestOutbound.Allowing(server.Address, certificate, (_, _) => Task.FromResult(
            new[] { IPAddress.Parse(Interlocked.Increment(ref lookups) == 1 ? "127.0.0.1" : "169.254.169.254") }));
        using var client = new HttpClient(outbound.Handler, disposeHandler: false);
        var address = new Uri($"https://store.example:{server.Address.Port}/");

        using var first = await client.GetAsync(address, Cancellation);
        using var second = await client.GetAsync(address, Cancellation);
        using var other = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://metadata.example:{server.Address.Port}/"));
        other.Headers.Host = "store.example";

        // Another name with the same Host field has no part in that connection.
        await Assert.ThrowsAsync<OutboundRefusedException>(() => client.SendAsync(other, Cancellation));
        Assert.Equal((2, 2), (server.Requests.Count, lookups));
    }

    [Fact]
    public async Task Proxies_of_the_environment_see_nothing_that_is_sent_to_tenants_addresses()
    {
        await using var proxy = await Recorder.StartAsync();
        await using var store = await Recorder.StartAsync();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:Outbound:PlainHttpHosts:9"] = $"localhost:{store.Address.Port}",
        };
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["NO_PROXY"] = "127.0.0.1" };
        foreach (var name in new[] { "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" })
        {
            environment[name] = environment[name.ToLowerInvariant()] = proxy.Address.ToString();
        }

        await using var service = await CasProcess.StartAsync(services, settings, ports: [store.Address.Port], environment: environment);
        var tenant = await service.NewTenantAsync();

        var refusal = await tenant.PostAsync("/v1/backends", new
        {
            name = "s3",
            provider = "aws-s3",
            settings = new { bucket = "evidence", endpoint = $"http://localhost:{store.Address.Port}" },
            credentials = new { accessKeyId = "id", secretAccessKey = "secret" },
        });

        Assert.InRange((int)refusal.Status, 400, 499);
        Assert.NotEmpty(store.Requests);
        Assert.Empty(proxy.Requests);
    }

    [Fact]
    public async Task Backends_and_trusts_that_lead_into_the_network_are_refused_and_reach_nothing()
    {
        await using var decoy = await Recorder.StartAsync();
        await using var service = await CasService.StartAsync(services);
        var tenant = await service.NewTenantAsync();
        var port = decoy.Address.Port;
        (string Provider, object Settings, object? Credentials)[] backends =
        [
            ("azure-blob", new { container = "cas" },
                new { connectionString = $"AccountName=a;AccountKey=QUJD;BlobEndpoint=http://127.0.0.1:{port}/a" }),
            ("azure-blob", new { container = "cas" },
                new { connectionString = $"AccountName=a;AccountKey=QUJD;BlobEndpoint=https://127.0.0.1:{port}/a" }),
            ("azure-blob", new { container = "cas" },
                new { connectionString = $"BlobEndpoint=http://localhost:{port}/a;SharedAccessSignature=sig=x" }),
            ("azure-blob", new { container = "cas" },
                new { connectionString = "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://169.254.169.254" }),
            ("azure-blob", new { container = "cas" },
                new { connectionString = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=QUJD;EndpointSuffix=localhost" }),
            ("azure-blob", new { storageAccount = "acct", container = "cas", endpoint = "localhost" },
                new { tenant = "t", clientId = Guid.Empty, clientSecret = "x" }),
            ("aws-s3", new { bucket = "evidence", endpoint = $"http://127.0.0.1:{port}" },
                new { accessKeyId = "i", secretAccessKey = "s" }),
            ("aws-s3", new { bucket = "evidence", endpoint = "https://169.254.169.254" }, new { accessKeyId = "i", secretAccessKey = "s" }),
            ("aws-s3", new { bucket = "evidence", endpoint = $"https://2130706433:{port}" },
                new { accessKeyId = "i", secretAccessKey = "s" }),
            ("oci", new { repository = $"127.0.0.1:{port}/a/b" }, null),
            ("oci", new { repository = $"localhost:{port}/a/b" }, null),
        ];
        foreach (var (provider, settings, credentials) in backends)
        {
            var refusal = await tenant.PostAsync("/v1/backends", new { name = "astray", provider, settings, credentials });
            Assert.InRange((int)refusal.Status, 400, 499);
        }

        var trust = await tenant.PostAsync("/v1/trusts", new
        {
            issuer = $"https://127.0.0.1:{port}",
            role = "uploader",
            audience = "x",
            claims = new { repository_id = "1" },
        });
        Assert.Equal(HttpStatusCode.BadRequest, trust.Status);
        Assert.Empty(decoy.Connections);
    }

    private static OutboundHandlerFactory Open(params Uri[] servers) => new(Options.Create(new OutboundOptions
    {
        AllowedNetworks = ["127.0.0.1/32"],
        AllowedPorts = [.. servers.Select(server => server.Port)],
        PlainHttpHosts = [.. servers.Select(server => server.Authority)],
    }));

    private static string KeySet(RSA rsa)
    {
        var key = rsa.ExportParameters(includePrivateParameters: false);
        return JsonSerializer.Serialize(new
        {
            keys = new[]
            {
                new
                {
                    kty = "RSA",
                    use = "sig",
                    kid = "k",
                    n = Base64UrlEncoder.Encode(key.Modulus),
                    e = Base64UrlEncoder.Encode(key.Exponent),
                },
            },
        });
    }
}
