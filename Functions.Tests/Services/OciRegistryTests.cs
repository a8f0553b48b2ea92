using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CasFunctions.Tests.Services;

public sealed class OciRegistryTests(TestServices services)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RegistryAccess.Anonymous)]
    [InlineData(RegistryAccess.Basic)]
    [InlineData(RegistryAccess.Token)]
    public async Task An_upload_can_be_opened_with_the_credentials_that_the_registry_asks_for(RegistryAccess access)
    {
        var registry = await services.OciRegistryAsync(access);
        using var client = new HttpClient { BaseAddress = registry.Address };
        using var nobody = await client.PostAsync("/v2/smoke/cas/blobs/uploads/", null, Cancellation);

        client.DefaultRequestHeaders.Authorization = access switch
        {
            RegistryAccess.Basic => Basic(registry),
            RegistryAccess.Token => await BearerAsync(registry),
            _ => null,
        };
        using var known = await client.PostAsync("/v2/smoke/cas/blobs/uploads/", null, Cancellation);

        Assert.Equal(access == RegistryAccess.Anonymous ? HttpStatusCode.Accepted : HttpStatusCode.Unauthorized, nobody.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, known.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Locations_are_relative_or_absolute_as_asked(bool relative)
    {
        await using var registry = await OciRegistry.StartAsync(relativeUrls: relative);
        using var client = new HttpClient { BaseAddress = registry.Address };

        using var opened = await client.PostAsync("/v2/smoke/cas/blobs/uploads/", null, Cancellation);

        Assert.Equal(!relative, opened.Headers.Location?.OriginalString.StartsWith("http://", StringComparison.Ordinal));
    }

    private static AuthenticationHeaderValue Basic(OciRegistry registry) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{OciRegistry.UserName}:{registry.Password}")));

    private static async Task<AuthenticationHeaderValue> BearerAsync(OciRegistry registry)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = Basic(registry);
        var answer = await client.GetStringAsync(
            $"{registry.Tokens!.Realm}?service={FakeTokenServer.Name}&scope=repository:smoke/cas:pull,push", Cancellation);
        using var json = JsonDocument.Parse(answer);
        return new AuthenticationHeaderValue("Bearer", json.RootElement.GetProperty("token").GetString());
    }
}
