using System.Text.Json;
using CasFunctions.Providers;
using CasFunctions.Providers.S3;
using CasFunctions.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Providers.S3;

public sealed class S3SettingsTests : IDisposable
{
    private const string Keys = """{"accessKeyId":"AKIDEXAMPLE","secretAccessKey":"s3cr3t/+="}""";

    private readonly OutboundHandlerFactory _outbound = new(Options.Create(
        new OutboundOptions { PlainHttpHosts = ["127.0.0.1:9000"], AllowedNetworks = ["127.0.0.0/8"] }));

    public void Dispose() => _outbound.Dispose();

    [Theory]
    [InlineData("""{"bucket":"evidence"}""", "s3://evidence", """{"bucket":"evidence"}""")]
    [InlineData("""{"bucket":"evidence","prefix":"/team/a/"}""", "s3://evidence/team/a", """{"bucket":"evidence","prefix":"team/a"}""")]
    [InlineData("""{"bucket":"evidence","prefix":null,"endpoint":null}""", "s3://evidence", """{"bucket":"evidence"}""")]
    [InlineData("""{"bucket":"evidence","prefix":"/"}""", "s3://evidence", """{"bucket":"evidence"}""")]
    [InlineData(
        """{"bucket":"evidence","endpoint":"minio.example.com"}""",
        "https://minio.example.com/evidence",
        """{"bucket":"evidence","endpoint":"https://minio.example.com"}""")]
    [InlineData(
        """{"bucket":"evidence","endpoint":"http://127.0.0.1:9000/","prefix":"ci"}""",
        "http://127.0.0.1:9000/evidence/ci",
        """{"bucket":"evidence","endpoint":"http://127.0.0.1:9000","prefix":"ci"}""")]
    [InlineData(
        """{"bucket":"evidence","endpoint":"https://ACCT.r2.cloudflarestorage.com/evidence"}""",
        "https://acct.r2.cloudflarestorage.com/evidence",
        """{"bucket":"evidence","endpoint":"https://acct.r2.cloudflarestorage.com"}""")]
    public void A_place_is_brought_into_normal_form(string settings, string location, string stored)
    {
        var configuration = Configure(settings, Keys);
        Assert.Equal(location, configuration.Location);
        Assert.Equal(stored, configuration.Settings);
    }

    [Theory]
    [InlineData("{}", "settings.bucket")]
    [InlineData("[]", "settings")]
    [InlineData("""{"bucket":7}""", "settings.bucket")]
    [InlineData("""{"bucket":" "}""", "settings.bucket")]
    [InlineData("""{"bucket":"ab"}""", "settings.bucket")]
    [InlineData("""{"bucket":"Evidence"}""", "settings.bucket")]
    [InlineData("""{"bucket":"evidence_1"}""", "settings.bucket")]
    [InlineData("""{"bucket":"-evidence"}""", "settings.bucket")]
    [InlineData("""{"bucket":"evidence."}""", "settings.bucket")]
    [InlineData("""{"bucket":"evi..dence"}""", "settings.bucket")]
    [InlineData("""{"bucket":"192.168.1.1"}""", "settings.bucket")]
    [InlineData("""{"bucket":"evidence/ci"}""", "settings.bucket")]
    [InlineData("""{"bucket":"evidence?x"}""", "settings.bucket")]
    [InlineData("""{"bucket":"evidence--use1-az4--x-s3"}""", "settings.bucket")]
    [InlineData("""{"bucket":"evidence","region":"eu-west-1"}""", "settings.region")]
    [InlineData("""{"bucket":"evidence","Prefix":"x"}""", "settings.Prefix")]
    [InlineData("""{"bucket":"evidence","prefix":"a/../b"}""", "settings.prefix")]
    [InlineData("""{"bucket":"evidence","prefix":"a/./b"}""", "settings.prefix")]
    [InlineData("""{"bucket":"evidence","prefix":"a//b"}""", "settings.prefix")]
    [InlineData("""{"bucket":"evidence","prefix":"a b"}""", "settings.prefix")]
    [InlineData("""{"bucket":"evidence","prefix":"ü"}""", "settings.prefix")]
    [InlineData("""{"bucket":"evidence","endpoint":""}""", "settings.endpoint")]
    [InlineData("""{"bucket":"evidence","endpoint":"ftp://s3.example.com"}""", "settings.endpoint")]
    [InlineData("""{"bucket":"evidence","endpoint":"http://s3.example.com"}""", "settings.endpoint")]
    [InlineData("""{"bucket":"evidence","endpoint":"https://s3.example.com/other"}""", "settings.endpoint")]
    [InlineData("""{"bucket":"evidence","endpoint":"https://s3.example.com/?x=1"}""", "settings.endpoint")]
    [InlineData("""{"bucket":"evidence","endpoint":"https://s3.example.com/#x"}""", "settings.endpoint")]
    [InlineData("""{"bucket":"evidence","endpoint":"https://me:pw@s3.example.com"}""", "settings.endpoint")]
    [InlineData("""{"bucket":"evidence","endpoint":"https://s3 example.com"}""", "settings.endpoint")]
    [InlineData("""{"bucket":"evidence","endpoint":"https://169.254.169.254"}""", "settings.endpoint")]
    public void A_place_that_cannot_be_right_is_refused_by_field(string settings, string field)
    {
        var refusal = Assert.Throws<BackendSettingsException>(() => Configure(settings, Keys));
        Assert.Equal(field, refusal.Field);
        Assert.DoesNotContain("pw", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefix_has_at_most_512_characters()
    {
        Assert.EndsWith(new string('a', 512), Configure(WithPrefix(512), Keys).Location, StringComparison.Ordinal);
        var refusal = Assert.Throws<BackendSettingsException>(() => Configure(WithPrefix(513), Keys));
        Assert.Equal("settings.prefix", refusal.Field);

        static string WithPrefix(int length) => $$"""{"bucket":"evidence","prefix":"{{new string('a', length)}}"}""";
    }

    [Theory]
    [InlineData("""{"bucket":"evidence"}""", "us-east-1")]
    [InlineData("""{"bucket":"evidence","endpoint":"minio.example.com"}""", "us-east-1")]
    [InlineData("""{"bucket":"evidence","endpoint":"acct.r2.cloudflarestorage.com"}""", "auto")]
    [InlineData("""{"bucket":"evidence","endpoint":"acct.eu.r2.cloudflarestorage.com"}""", "auto")]
    public void The_region_has_a_default_that_suits_the_store(string settings, string region)
    {
        var credentials = Configure(settings, Keys).Credentials!;
        Assert.Equal(region, JsonDocument.Parse(credentials).RootElement.GetProperty("region").GetString());
    }

    [Fact]
    public void A_rotation_may_change_the_region()
    {
        var settings = Configure("""{"bucket":"evidence"}""", Keys).Settings;
        var rotated = Provider.ConfigureCredentials(
            "org", settings, Parse("""{"accessKeyId":"AKNEW","secretAccessKey":"new","region":"eu-west-1"}"""));
        Assert.Equal("""{"accessKeyId":"AKNEW","secretAccessKey":"new","region":"eu-west-1"}""", rotated);
    }

    [Theory]
    [InlineData("""{"secretAccessKey":"s"}""", "credentials.accessKeyId")]
    [InlineData("""{"accessKeyId":"A"}""", "credentials.secretAccessKey")]
    [InlineData("""{"accessKeyId":"A/B","secretAccessKey":"s"}""", "credentials.accessKeyId")]
    [InlineData("""{"accessKeyId":"A,B","secretAccessKey":"s"}""", "credentials.accessKeyId")]
    [InlineData("""{"accessKeyId":"A\nB","secretAccessKey":"s"}""", "credentials.accessKeyId")]
    [InlineData("""{"accessKeyId":"A","secretAccessKey":"top secret"}""", "credentials.secretAccessKey")]
    [InlineData("""{"accessKeyId":"A","secretAccessKey":"s","region":"evil.example.com/"}""", "credentials.region")]
    [InlineData("""{"accessKeyId":"A","secretAccessKey":"s","region":"-x"}""", "credentials.region")]
    [InlineData("""{"accessKeyId":"A","secretAccessKey":"s","sessionToken":"t"}""", "credentials.sessionToken")]
    [InlineData("\"text\"", "credentials")]
    public void Credentials_that_cannot_be_right_are_refused_by_field(string credentials, string field)
    {
        var refusal = Assert.Throws<BackendSettingsException>(() => Configure("""{"bucket":"evidence"}""", credentials));
        Assert.Equal(field, refusal.Field);
        Assert.DoesNotContain("top secret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_are_required()
    {
        var settings = Parse("""{"bucket":"evidence"}""");
        Assert.Equal("credentials", Assert.Throws<BackendSettingsException>(() => Provider.Configure("org", settings, null)).Field);
    }

    [Fact]
    public void Formatted_credentials_show_no_key() =>
        Assert.Equal("S3Credentials { Region = auto }", new S3Credentials("AKIDEXAMPLE", "s3cr3t", "auto").ToString());

    private S3BlobProvider Provider => new(_outbound, TimeProvider.System, NullLogger<S3BlobStore>.Instance);

    private BackendConfiguration Configure(string settings, string credentials) =>
        Provider.Configure("org", Parse(settings), Parse(credentials));

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
