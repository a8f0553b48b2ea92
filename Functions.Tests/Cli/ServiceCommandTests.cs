using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary><c>cas audit</c>, <c>cas usage</c>, <c>cas artifact ls</c> and <c>cas artifact link</c></summary>
public sealed class ServiceCommandTests(TestServices services, RunningService running)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_audit_log_and_the_usage_are_shown()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        using var cas = new CasProgram(tenant);
        (await tenant.PutArtifactAsync(RandomNumberGenerator.GetBytes(1030), "evidence")).Expect(HttpStatusCode.Created);
        await tenant.NewTokenAsync("viewer");

        var text = "";
        await Eventually.TrueAsync(
            async _ => (text = (await cas.RunAsync("audit", "--action", "token.created")).Expect(0).Text).Contains("token.created", StringComparison.Ordinal)
                && (text += (await cas.RunAsync("usage")).Expect(0).Text).Contains("1.03KB", StringComparison.Ordinal),
            Deadline,
            TestContext.Current.CancellationToken);

        Assert.Contains("│ azure", text, StringComparison.Ordinal);
        Assert.Contains("│ total", text, StringComparison.Ordinal);
        Assert.DoesNotContain("artifact.uploaded", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listings_come_in_pages_or_whole()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        using var cas = new CasProgram(tenant);
        for (var i = 0; i < 5; i++)
        {
            (await tenant.PutArtifactAsync([(byte)i], $"file-{i}")).Expect(HttpStatusCode.Created);
        }

        var first = (await cas.RunAsync("artifact", "ls", "--limit", "2")).Expect(0);
        var after = first.Errors.Trim().Split(' ')[^1];
        var second = (await cas.RunAsync("artifact", "ls", "--limit", "2", "--after", after)).Expect(0);
        var all = (await cas.RunAsync("artifact", "ls", "--limit", "2", "--all", "-o", "json")).Expect(0);
        var named = (await cas.RunAsync("artifact", "ls", "--name", "file-3")).Expect(0);

        Assert.Equal(["file-4", "file-3"], Names(first.Text));
        Assert.Equal(["file-2", "file-1"], Names(second.Text));
        Assert.Equal(3, all.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(["file-3"], Names(named.Text));
    }

    [Fact]
    public async Task A_link_gives_the_content_to_whoever_has_it()
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram(tenant);
        var content = RandomNumberGenerator.GetBytes(1000);
        (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);

        var link = (await cas.RunAsync("artifact", "link", "-d", Sha256Digest.Of(content).ToString())).Expect(0).Text.Trim();

        using var client = new HttpClient();
        Assert.Equal(content, await client.GetByteArrayAsync(new Uri(link), TestContext.Current.CancellationToken));
    }

    private static IEnumerable<string> Names(string table) =>
        table.Split('\n').Where(line => line.Contains("sha256:", StringComparison.Ordinal)).Select(line => line.Split('│')[2].Trim());
}
