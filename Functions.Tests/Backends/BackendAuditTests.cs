using System.Net;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Backends;

public sealed class BackendAuditTests(TestServices services)
{
    [Fact]
    public async Task What_is_done_to_a_backend_and_what_becomes_of_it_is_on_record()
    {
        await using var backends = await TwoBackends.StartAsync(services);
        var tenant = backends.Tenant;
        var connectionString = backends.Service.Azurite.ConnectionString;
        (await tenant.PatchAsync("/v1/backends/spare", new { description = "second", credentials = new { connectionString } })).Expect(HttpStatusCode.OK);
        backends.Proxy.Break(_ => true, Fault.Answer(403));
        (await tenant.PostAsync("/v1/backends/main/validation", new { })).Expect(HttpStatusCode.OK);
        backends.Proxy.Heal();
        (await tenant.PostAsync("/v1/backends/main/validation", new { })).Expect(HttpStatusCode.OK);
        (await tenant.DeleteAsync("/v1/backends/spare")).Expect(HttpStatusCode.OK);

        string[] expected =
        [
            "backend.created main", "backend.selected main", "backend.created spare", "backend.selected spare", "backend.rotated spare",
            "backend.changed spare", "backend.invalid main", "backend.recovered main", "backend.deleted spare",
        ];
        List<string> found = [];
        await Eventually.TrueAsync(
            async _ =>
            {
                var page = (await tenant.GetAsync("/v1/audit?limit=100")).Expect(HttpStatusCode.OK);
                Assert.DoesNotContain("AccountKey", page.Json.GetRawText(), StringComparison.Ordinal);
                found = [.. page.Json.GetProperty("events").EnumerateArray()
                    .Select(happened => $"{happened.GetProperty("action").GetString()} {happened.GetProperty("subject").GetString()}")
                    .Where(line => line.StartsWith("backend.", StringComparison.Ordinal))
                    .Reverse()];
                return !expected.Except(found, StringComparer.Ordinal).Any();
            },
            TimeSpan.FromSeconds(20),
            TestContext.Current.CancellationToken);
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }
}
