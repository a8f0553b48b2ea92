using System.Text.Json;
using CasFunctions.Providers;
using CasFunctions.Providers.Oci;
using Microsoft.Extensions.Logging.Abstractions;
using static CasFunctions.Tests.Providers.Oci.OciTesting;

namespace CasFunctions.Tests.Providers.Oci;

public sealed class OciBlobProviderTests : IDisposable
{
    private readonly OciBlobProvider _provider = new(Outbound([]), TimeProvider.System, NullLogger<OciBlobStore>.Instance);

    public void Dispose() => _provider.Dispose();

    [Fact]
    public void Settings_and_credentials_are_stored_in_one_spelling()
    {
        var stored = Configure("""{"repository":"index.docker.io/octocat"}""", """{"username":"octocat","password":"{\n\"k\":1}"}""");

        Assert.Equal("docker.io/octocat/cas", stored.Location);
        Assert.Equal("""{"repository":"docker.io/octocat/cas"}""", stored.Settings);
        Assert.Equal("{\n\"k\":1}", JsonDocument.Parse(stored.Credentials!).RootElement.GetProperty("password").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    public void A_registry_that_asks_for_nothing_needs_no_credentials(string? credentials) =>
        Assert.Null(Configure("""{"repository":"r.example.com/cas"}""", credentials).Credentials);

    [Theory]
    [InlineData("{}", null, "settings")]
    [InlineData("[]", null, "settings")]
    [InlineData("""{"repository":""}""", null, "settings.repository")]
    [InlineData("""{"repository":"ghcr.io"}""", null, "settings.repository")]
    [InlineData("""{"repository":"10.0.0.1/cas"}""", null, "settings.repository")]
    [InlineData("""{"repository":"r.example.com:8443/cas"}""", null, "settings.repository")]
    [InlineData("""{"repository":"ghcr.io/o/r","bucket":"b"}""", null, "settings.bucket")]
    [InlineData("""{"repository":"ghcr.io/o/r"}""", "{}", "credentials")]
    [InlineData("""{"repository":"ghcr.io/o/r"}""", """{"username":"u"}""", "credentials")]
    [InlineData("""{"repository":"ghcr.io/o/r"}""", """{"username":"u:v","password":"p"}""", "credentials.username")]
    [InlineData("""{"repository":"ghcr.io/o/r"}""", """{"username":"","password":"p"}""", "credentials.username")]
    [InlineData("""{"repository":"ghcr.io/o/r"}""", """{"username":"u","password":""}""", "credentials.password")]
    [InlineData("""{"repository":"ghcr.io/o/r"}""", """{"username":"u","password":"p","token":"t"}""", "credentials.token")]
    public void What_can_not_be_used_is_refused_with_the_field_at_fault(string settings, string? credentials, string field)
    {
        var failure = Assert.Throws<BackendSettingsException>(() => Configure(settings, credentials));

        Assert.StartsWith(field, failure.Field, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_do_not_show_in_text() =>
        Assert.DoesNotContain("hunter2", new OciCredentials("u", "hunter2").ToString(), StringComparison.Ordinal);

    private BackendConfiguration Configure(string settings, string? credentials) => _provider.Configure(
        "org",
        JsonDocument.Parse(settings).RootElement,
        credentials is null ? null : JsonDocument.Parse(credentials).RootElement);
}
