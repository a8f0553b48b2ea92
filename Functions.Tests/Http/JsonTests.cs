using System.Net;
using System.Text;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Http;

/// <summary>The JSON that the API takes and gives.</summary>
public sealed class JsonTests(TestServices services, RunningService running)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_and_problems_show_plus_signs_and_quotes_as_they_are()
    {
        var tenant = await running.NewTenantAsync(services);
        const string Name = "Jürgen's <SBOM> & \"more\".json";

        var created = (await tenant.PostAsync("/v1/uploads", new
        {
            digest = Sha256Digest.Of([1]).ToString(),
            size = 1,
            name = Name,
            mediaType = "application/vnd.cyclonedx+json",
        })).Expect(HttpStatusCode.Created);
        var refused = (await tenant.PostAsync("/v1/uploads", new { digest = Sha256Digest.Of([1]).ToString(), size = -1 }))
            .ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");

        Assert.Equal(Name, created["name"]);
        var text = Encoding.UTF8.GetString(created.Body);
        Assert.Contains("\"mediaType\":\"application/vnd.cyclonedx+json\"", text, StringComparison.Ordinal);
        Assert.Contains("""Jürgen's <SBOM> & \"more\".json""", text, StringComparison.Ordinal);
        Assert.Contains("Correct 'size' and", Encoding.UTF8.GetString(refused.Body), StringComparison.Ordinal);
        Assert.Equal("application/json", created.Message.Content.Headers.ContentType!.MediaType);
        Assert.All([created, refused], reply => Assert.Equal("nosniff", reply.Message.Headers.GetValues("X-Content-Type-Options").Single()));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(null)]
    public async Task A_request_that_stops_in_the_middle_of_its_JSON_is_ended(int? length)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var service = await CasService.StartAsync(services, configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var tenant = await service.NewTenantAsync();
        await using var request = await RawRequest.OpenAsync(
            service.Address, "POST", "/v1/tokens", length, Cancellation, "Authorization: Bearer " + tenant.OwnerToken);
        await request.SendAsync("""{"name":"half""".Select(letter => (byte)letter).ToArray(), Cancellation);

        var head = request.ReadHeadAsync(Cancellation);
        await Eventually.TrueAsync(
            _ =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return Task.FromResult(head.IsCompleted);
            },
            TimeSpan.FromSeconds(30),
            Cancellation);

        Assert.StartsWith("HTTP/1.1 408 ", await head, StringComparison.Ordinal);
        (await tenant.PostAsync("/v1/tokens", new { name = "whole", role = "viewer" })).Expect(HttpStatusCode.Created);
    }
}
