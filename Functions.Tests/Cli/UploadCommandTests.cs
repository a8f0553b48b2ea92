using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary><c>cas artifact upload</c></summary>
public sealed partial class UploadCommandTests(TestServices services, RunningService running)
{
    private const int Large = 20 * 1024 * 1024;

    [Fact]
    public async Task It_prints_name_digest_and_speed_and_sends_nothing_twice()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        using var cas = new CasProgram(tenant);
        var content = RandomNumberGenerator.GetBytes(1030);
        var digest = Sha256Digest.Of(content);
        cas.Write("myfile", content);

        var first = (await cas.RunAsync("artifact", "upload", "-f", "myfile")).Expect(0);
        var second = (await cas.RunAsync("artifact", "upload", "-f", "myfile")).Expect(0);
        var quiet = (await cas.RunAsync("artifact", "upload", "-f", "myfile", "-q")).Expect(0);

        Assert.Matches(DoneLine(), first.Text);
        Assert.StartsWith($"myfile@{digest} ... done! [1.03KB in ", first.Text, StringComparison.Ordinal);
        Assert.Equal($"myfile@{digest} ... done! [1.03KB stored already]\n", second.Text);
        Assert.Equal($"{digest}\n", quiet.Text);
        Assert.Empty(first.Errors + second.Errors + quiet.Errors);
        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{digest}")).Expect(HttpStatusCode.OK).Body);
        Assert.Single((await tenant.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray());
        Assert.Empty(cas.Records);
    }

    [Fact]
    public async Task Several_files_wildcards_and_standard_input()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        using var cas = new CasProgram(tenant);
        foreach (var name in (string[])["a.log", "b.txt", "logs/c.log", "logs/deep/d.log", "logs/deep/e.txt", "file with blanks", "empty"])
        {
            cas.Write(name, name == "empty" ? [] : Encoding.UTF8.GetBytes(name));
        }

        (await cas.RunAsync("artifact", "upload", "-f", "file with blanks", "b.txt", "-f", "empty")).Expect(0);
        (await cas.RunAsync("artifact", "upload", "-f", "**/*.log")).Expect(0);
        (await cas.RunAsync("artifact", "upload", "-f", "logs/*/?.txt")).Expect(0);
        (await cas.RunAsync(RandomNumberGenerator.GetBytes(Large), "artifact", "upload", "-f", "-", "--name", "piped", "--media-type", "application/x-tar")).Expect(0);

        var stored = (await tenant.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray().ToList();
        Assert.Equal(
            ["a.log", "b.txt", "c.log", "d.log", "e.txt", "empty", "file with blanks", "piped"],
            stored.Select(artifact => artifact.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        var piped = stored.Single(artifact => artifact.GetProperty("name").GetString() == "piped");
        Assert.Equal(Large, piped.GetProperty("size").GetInt64());
        Assert.Equal("application/x-tar", piped.GetProperty("mediaType").GetString());
    }

    [Fact]
    public async Task A_file_that_can_not_be_stored_does_not_keep_the_others_from_it()
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram(tenant);
        cas.Write("large", new byte[1_000_000]);
        cas.Write("small", [1]);

        var run = (await cas.RunAsync("artifact", "upload", "-f", "large", "missing", "small")).Expect(1);

        Assert.StartsWith("small@sha256:", run.Text, StringComparison.Ordinal);
        Assert.Contains("large: Backend 'inline' takes at most", run.Errors, StringComparison.Ordinal);
        Assert.Contains("missing: There is no file", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_output_is_the_descriptor_of_each_file_as_the_service_gave_it()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        using var cas = new CasProgram(tenant);
        cas.Write("a", [1]);
        cas.Write("b", [2]);

        var run = (await cas.RunAsync("artifact", "upload", "-f", "a", "b", "-o", "json")).Expect(0);

        foreach (var (name, content, line) in new[] { ("a", (byte)1, 0), ("b", (byte)2, 1) })
        {
            var descriptor = (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of([content])}/descriptor")).Body;
            Assert.Equal(Encoding.UTF8.GetString(descriptor), run.Text.Split('\n')[line]);
            Assert.Contains($"\"name\":\"{name}\"", run.Text.Split('\n')[line], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Cuts_errors_and_lost_replies_are_got_over()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        await using var proxy = await FaultProxy.StartAsync(tenant.Address);
        using var cas = new CasProgram(proxy.Address, tenant.OwnerToken);
        var content = RandomNumberGenerator.GetBytes(Large);
        cas.Write("large", content);
        proxy.Break(request => request is { Method: "POST" }, Fault.Cut, times: 1);
        proxy.Break(request => request is { Method: "POST" }, Fault.Answer(503, TimeSpan.FromSeconds(1)), times: 1);
        proxy.Break(IsContent, Fault.CutRequestAfter(5_000_000), times: 1);
        proxy.Break(IsContent, Fault.Answer(500), times: 1);
        proxy.Break(IsContent, Fault.LoseReply, times: 1);

        (await cas.RunAsync("artifact", "upload", "-f", "large")).Expect(0);

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}")).Expect(HttpStatusCode.OK).Body);
        Assert.Empty(cas.Records);
    }

    [Fact]
    public async Task An_ended_session_is_replaced_by_a_new_one()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        await using var proxy = await FaultProxy.StartAsync(tenant.Address);
        using var cas = new CasProgram(proxy.Address, tenant.OwnerToken);
        var content = RandomNumberGenerator.GetBytes(Large);
        cas.Write("large", content);
        proxy.Break(IsContent, Fault.Answer(410), times: 1);

        (await cas.RunAsync("artifact", "upload", "-f", "large")).Expect(0);

        Assert.Equal(content, (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}")).Expect(HttpStatusCode.OK).Body);
        Assert.Equal(2, proxy.Requests.Count(request => request is { Method: "POST", Path: "/v1/uploads" }));
    }

    [Fact]
    public async Task The_session_is_kept_for_the_user_alone_and_without_the_token_in_it()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        await using var proxy = await FaultProxy.StartAsync(tenant.Address);
        using var cas = new CasProgram(proxy.Address, tenant.OwnerToken);
        cas.Write("file", RandomNumberGenerator.GetBytes(Large));
        proxy.Break(IsContent, Fault.Cut);

        (await cas.RunAsync("artifact", "upload", "-f", "file", "--retry-for", "0s")).Expect(7);

        var record = Assert.Single(cas.Records);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, record.UnixFileMode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, record.Directory!.UnixFileMode);
        Assert.DoesNotContain(tenant.OwnerToken, await File.ReadAllTextAsync(record.FullName, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_state_can_be_kept_content_moves_all_the_same()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        using var cas = new CasProgram(tenant);
        var content = RandomNumberGenerator.GetBytes(1000);
        cas["XDG_STATE_HOME"] = cas.Write("file", content);

        (await cas.RunAsync("artifact", "upload", "-f", "file")).Expect(0);
        (await cas.RunAsync("artifact", "download", "-d", Sha256Digest.Of(content).ToString(), "--output", "again")).Expect(0);

        Assert.Equal(["again", "file"], cas.Files());
    }

    private static bool IsContent(ProxiedRequest request) => request.Method is "PUT" or "PATCH";

    [GeneratedRegex(@"^myfile@sha256:[0-9a-f]{64} \.\.\. done! \[1\.03KB in \d+s; \d+(\.\d\d)?[KM]?B/s\]\n$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DoneLine();
}
