using System.Text.Json;
using CasFunctions.Backends;
using CasFunctions.Providers;
using CasFunctions.Providers.AzureBlob;
using CasFunctions.Providers.Oci;
using CasFunctions.Providers.S3;
using CasFunctions.Security;
using CasFunctions.Storage;
using CasFunctions.Tests.Http.Parsers;
using CasFunctions.Tests.Security;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Providers;

/// <summary>What an owner may enter for a backend: refused by field, or in one spelling that reads back as itself.</summary>
public sealed class HostileSettingsTests : IDisposable
{
    private readonly OutboundHandlerFactory _outbound = TestOutbound.Strict();
    private readonly AzureBlobProvider _azure;
    private readonly OciBlobProvider _oci;
    private readonly S3BlobProvider _s3;

    public HostileSettingsTests()
    {
        _azure = new AzureBlobProvider(
            Options.Create(new BackendOptions { AllowConnectionStrings = true }), Options.Create(new StorageOptions()), _outbound);
        _oci = new OciBlobProvider(_outbound, TimeProvider.System, NullLogger<OciBlobStore>.Instance);
        _s3 = new S3BlobProvider(_outbound, TimeProvider.System, NullLogger<S3BlobStore>.Instance);
    }

    public void Dispose()
    {
        _azure.Dispose();
        _oci.Dispose();
        _outbound.Dispose();
    }

    [Fact]
    public void Connection_strings() =>
        Gen.OneOf(
            HostileText.Near(
                "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=QUJD;EndpointSuffix=core.windows.net",
                "BlobEndpoint=https://acct.blob.core.windows.net/;SharedAccessSignature=sv=2024-11-04&sig=abc%3D",
                "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://169.254.169.254",
                "AccountName=acct;AccountKey=QUJD;BlobEndpoint=http://user:pw@127.0.0.1:10000/acct"),
            HostileText.From(
                "AccountName", "AccountKey", "BlobEndpoint", "EndpointSuffix", "UseDevelopmentStorage", "=", ";", "true", "https", "://",
                "acct"))
            .Sample(
                text => Accepts(_azure, new { container = "cas" }, new { connectionString = text }) is null or { Location.Length: > 0 },
                iter: HostileText.Cases);

    [Fact]
    public void Accounts_and_containers() =>
        Gen.Select(HostileText.Near("acct1234"), HostileText.Near("my-container-1"), HostileText.Near("blob.core.windows.net")).Sample(
            (account, container, endpoint) =>
            {
                var settings = new { storageAccount = account, container, endpoint };
                var credentials = new
                {
                    tenant = "example.com",
                    clientId = "00000000-0000-0000-0000-000000000000",
                    clientSecret = "secret",
                };
                if (Holds(_azure, settings, credentials) is { } location)
                {
                    Assert.EndsWith("/" + container, location, StringComparison.Ordinal);
                    Assert.StartsWith($"https://{account}.blob.", location, StringComparison.Ordinal);
                }
            },
            iter: HostileText.Cases);

    [Fact]
    public void Tenants_and_clients() =>
        Gen.Select(HostileText.Near("contoso.onmicrosoft.com"), HostileText.Near("01234567-89ab-cdef-0123-456789abcdef")).Sample(
            (tenant, clientId) =>
            {
                var accepted = Holds(_azure, new { storageAccount = "acct" },
                    new { tenant, clientId, clientSecret = "secret" }) is not null;
                Assert.True(!accepted || !(tenant + clientId).Any(character => character is <= ' ' or > '~' or '/' or '\\' or '?' or '#'));
            },
            iter: HostileText.Cases);

    [Fact]
    public void Registry_addresses() =>
        Gen.OneOf(
            HostileText.Near("ghcr.io/org/repo", "index.docker.io/user", "[2606:4700::1111]/a/b", "us-docker.pkg.dev/p/r", "1.1.1.1:443/x"),
            HostileText.From("ghcr.io", "/", "org", ":", "443", "@", "a", ".", "-", "_", "docker.io", "localhost", "docKer.io",
                "1")).Sample(
            text =>
            {
                if (OciRepository.TryParse(text, out var repository, out _))
                {
                    Assert.True(OciRepository.TryParse(repository.Location, out var again, out _), repository.Location);
                    Assert.Equal(repository, again);
                    Assert.InRange(repository.Location.Length, 3, 255);
                    Assert.DoesNotContain(repository.Location, character =>
                        character is <= ' ' or > '~' or '@' or '?' or '#' or '%' or '\\');
                    Assert.Equal("/", repository.Address(_ => false).PathAndQuery);
                }

                Holds(_oci, new { repository = text }, null);
            },
            iter: HostileText.Cases);

    [Fact]
    public void Buckets_endpoints_and_prefixes() =>
        Gen.Select(
            HostileText.Near("evidence.ci-1"),
            HostileText.Near("https://s3.example.com", "s3.example.com:443", "https://acct.r2.cloudflarestorage.com/evidence.ci-1",
                "1.1.1.1"),
            HostileText.Near("a/b c", "ci=1/(x)")).Sample(
            (bucket, endpoint, prefix) =>
            {
                var credentials = new { accessKeyId = "id", secretAccessKey = "secret" };
                if (Holds(_s3, new { bucket, endpoint, prefix }, credentials) is { } location)
                {
                    Assert.DoesNotContain(location, character => character is <= ' ' or > '~');
                    Assert.DoesNotContain(location.Split('/'), part => part is "." or "..");
                }
            },
            iter: HostileText.Cases);

    [Theory]
    [InlineData("""{"bucket":"\ud800"}""")]
    [InlineData("""{"\ud800":"x"}""")]
    [InlineData("""{"bucket":"evidence","endpoint":"https://\ud800"}""")]
    [InlineData("""{"bucket":"evidence","endpoint":"file://\u200f/etc/passwd"}""")]
    public void Halves_of_surrogate_pairs(string settings)
    {
        using var document = JsonDocument.Parse(settings);
        using var keys = JsonDocument.Parse("""{"accessKeyId":"id","secretAccessKey":"\ud800"}""");
        Assert.Throws<BackendSettingsException>(() => _s3.Configure("org", document.RootElement, keys.RootElement));
        Assert.Throws<BackendSettingsException>(() => _oci.Configure("org", document.RootElement, keys.RootElement));
        Assert.Throws<BackendSettingsException>(() => _azure.Configure("org", document.RootElement, keys.RootElement));
    }

    [Theory]
    [InlineData("acct\n", "cas", "storageAccount")]
    [InlineData("acct", "cas\n", "container")]
    public void A_line_break_at_the_end_is_no_part_of_a_name(string account, string container, string field)
    {
        var refusal = Assert.Throws<BackendSettingsException>(() => Configure(
            _azure,
            new { storageAccount = account, container },
            new { tenant = "example.com", clientId = Guid.Empty.ToString(), clientSecret = "secret" }));

        Assert.Equal("settings." + field, refusal.Field);
    }

    private static BackendConfiguration Configure(IBlobProvider provider, object settings, object? credentials) => provider.Configure(
        "org", JsonSerializer.SerializeToElement(settings), credentials is null ? null : JsonSerializer.SerializeToElement(credentials));

    private static BackendConfiguration? Accepts(IBlobProvider provider, object settings, object? credentials)
    {
        try
        {
            var accepted = Configure(provider, settings, credentials);
            Assert.DoesNotContain(accepted.Location, char.IsControl);
            return accepted;
        }
        catch (BackendSettingsException refusal)
        {
            Assert.NotEmpty(refusal.Field);
            return null;
        }
    }

    // The location of what was accepted; null for what was refused. What is stored of it is accepted again and stays what it is.
    private static string? Holds(IBlobProvider provider, object settings, object? credentials)
    {
        if (Accepts(provider, settings, credentials) is not { } accepted)
        {
            return null;
        }

        using var stored = JsonDocument.Parse(accepted.Settings);
        var again = provider.Configure(
            "org", stored.RootElement, credentials is null ? null : JsonSerializer.SerializeToElement(credentials));
        Assert.Equal((accepted.Location, accepted.Settings), (again.Location, again.Settings));
        return accepted.Location;
    }
}
