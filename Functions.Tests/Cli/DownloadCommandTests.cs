using System.Net;
using System.Security.Cryptography;
using System.Text;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary><c>cas artifact download</c></summary>
public sealed class DownloadCommandTests(TestServices services, RunningService running)
{
    private const int Large = 20 * 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_file_gets_its_stored_name_or_the_one_that_is_given_or_goes_to_standard_output()
    {
        var (tenant, content, digest) = await StoreAsync(Large, "report.xml");
        using var cas = new CasProgram(tenant);
        Directory.CreateDirectory(Path.Combine(cas.Folder, "sub"));

        var run = (await cas.RunAsync("artifact", "download", "-d", digest)).Expect(0);
        (await cas.RunAsync("artifact", "download", "-d", digest, "--path", "sub")).Expect(0);
        (await cas.RunAsync("artifact", "download", "-d", digest, "--output", "other")).Expect(0);
        var piped = (await cas.RunAsync("artifact", "download", "-d", digest, "--output", "-")).Expect(0);

        Assert.Equal(["other", "report.xml", "sub/report.xml"], cas.Files());
        Assert.All(cas.Files(), file => Assert.Equal(content, File.ReadAllBytes(Path.Combine(cas.Folder, file))));
        Assert.Equal(content, piped.Output);
        Assert.Contains($"INF downloading file name=report.xml to={cas.Folder}/report.xml", run.Errors, StringComparison.Ordinal);
        Assert.Contains($"INF file downloaded! path={cas.Folder}/report.xml", run.Errors, StringComparison.Ordinal);
        Assert.Empty((await cas.RunAsync("artifact", "download", "-d", digest, "--quiet", "--output", "other")).Expect(0).Errors);
        Assert.Empty(cas.Records);
    }

    [Fact]
    public async Task Json_output_is_the_descriptor_as_the_service_gave_it()
    {
        var (tenant, _, digest) = await StoreAsync(1000, "a.txt");
        using var cas = new CasProgram(tenant);
        byte[] document = [.. (await tenant.GetAsync($"/v1/artifacts/{digest}/descriptor")).Body, (byte)'\n'];

        Assert.Equal(document, (await cas.RunAsync("artifact", "download", "-d", digest, "-o", "json")).Expect(0).Output);
        Assert.Equal(document, (await cas.RunAsync("artifact", "describe", "-d", digest, "-o", "json")).Expect(0).Output);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(Large)]
    public async Task Tampered_content_ends_with_5_and_leaves_no_file(int size)
    {
        var (tenant, content, digest) = await StoreAsync(size, "evidence");
        using var cas = new CasProgram(tenant);
        content[size / 2] ^= 1;
        await tenant.Container.GetBlobClient(digest).UploadAsync(new BinaryData(content), overwrite: true, Cancellation);

        (await cas.RunAsync("artifact", "download", "-d", digest)).Expect(5);
        var piped = (await cas.RunAsync("artifact", "download", "-d", digest, "--output", "-")).Expect(5);

        Assert.Empty(cas.Files());
        Assert.Empty(cas.Records);
        Assert.True(piped.Output.Length < size);
    }

    [Fact]
    public async Task Verify_tells_right_copies_from_altered_ones()
    {
        var (tenant, content, digest) = await StoreAsync(1000, "evidence");
        using var cas = new CasProgram(tenant);
        Assert.Contains("right", (await cas.RunAsync("artifact", "verify", "-d", digest)).Expect(0).Text, StringComparison.Ordinal);
        content[0] ^= 1;
        await tenant.Container.GetBlobClient(digest).UploadAsync(new BinaryData(content), overwrite: true, Cancellation);

        (await cas.RunAsync("artifact", "verify", "-d", digest)).Expect(5);
        (await cas.RunAsync("artifact", "verify", "-d", Sha256Digest.Of([1, 2]).ToString())).Expect(4);
    }

    /// <summary>The service verifies as well; a proxy on the way that alters content passes it by.</summary>
    [Fact]
    public async Task Content_that_is_altered_behind_the_service_ends_with_5_and_leaves_no_file()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        await using var altering = await LoopbackServer.StartAsync(null, async context =>
        {
            var reply = await tenant.GetAsync(context.Request.Path);
            var altered = reply.Body.ToArray();
            if (!context.Request.Path.Value!.EndsWith("/descriptor", StringComparison.Ordinal))
            {
                altered[^1] ^= 1;
            }

            await context.Response.Body.WriteAsync(altered, Cancellation);
        });
        var content = RandomNumberGenerator.GetBytes(Large);
        (await tenant.PutArtifactAsync(content, "evidence")).Expect(HttpStatusCode.Created);
        using var cas = new CasProgram(altering.Address, tenant.OwnerToken);
        cas.Write("kept", [1, 2, 3]);

        (await cas.RunAsync("artifact", "download", "-d", Sha256Digest.Of(content).ToString())).Expect(5);
        (await cas.RunAsync("artifact", "download", "-d", Sha256Digest.Of(content).ToString(), "--output", "kept")).Expect(5);
        var piped = (await cas.RunAsync("artifact", "download", "-d", Sha256Digest.Of(content).ToString(), "--output", "-")).Expect(5);

        Assert.Equal(["kept"], cas.Files());
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(cas.Folder, "kept"), Cancellation));
        Assert.True(piped.Output.Length < Large);
    }

    [Fact]
    public async Task After_cuts_it_goes_on_where_it_was()
    {
        var (tenant, content, digest) = await StoreAsync(Large, "cut");
        await using var proxy = await FaultProxy.StartAsync(tenant.Address);
        proxy.Break(request => request.Path.EndsWith(digest, StringComparison.Ordinal), Fault.CutResponseAfter(9_000_000), times: 2);
        proxy.Break(request => request.Path.EndsWith(digest, StringComparison.Ordinal), Fault.Answer(503), times: 1);
        using var cas = new CasProgram(proxy.Address, tenant.OwnerToken);

        (await cas.RunAsync("artifact", "download", "-d", digest)).Expect(0);

        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(cas.Folder, "cut"), Cancellation));
        Assert.Equal(4, proxy.Requests.Count(request => request.Path.EndsWith(digest, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_download_that_was_given_up_is_continued_by_the_next_run()
    {
        var (tenant, content, digest) = await StoreAsync(Large, "later");
        await using var proxy = await FaultProxy.StartAsync(tenant.Address);
        proxy.Break(request => request.Path.EndsWith(digest, StringComparison.Ordinal), Fault.CutResponseAfter(9_000_000), times: 1);
        using var cas = new CasProgram(proxy.Address, tenant.OwnerToken);

        (await cas.RunAsync("artifact", "download", "-d", digest, "--retry-for", "0s")).Expect(7);
        Assert.DoesNotContain("later", cas.Files());
        proxy.Break(request => request.Path.EndsWith(digest, StringComparison.Ordinal), Fault.CutResponseAfter(Large - 9_000_000));
        (await cas.RunAsync("artifact", "download", "-d", digest, "--retry-for", "0s")).Expect(0);

        Assert.Equal(["later"], cas.Files());
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(cas.Folder, "later"), Cancellation));
        Assert.Empty(cas.Records);
    }

    [Theory]
    [InlineData("../../escaped", "escaped")]
    [InlineData("/etc/escaped", "escaped")]
    [InlineData("..\\..\\escaped", "escaped")]
    [InlineData("..", null)]
    [InlineData("folder/..", null)]
    [InlineData(".bashrc", "_bashrc")]
    [InlineData("C:\\windows\\nul.txt", "_ul.txt")]
    [InlineData("a\u001b[2Jb\r\n", "a_[2Jb__")]
    [InlineData("invoice\u202Efdp.exe", "invoice_fdp.exe")]
    [InlineData("a:stream", "a_stream")]
    [InlineData("trailing. . ", "trailing")]
    [InlineData("SBOM für Müller 1.0 – 漢字.json", "SBOM für Müller 1.0 – 漢字.json")]
    public async Task Stored_names_stay_in_the_folder_and_harmless(string stored, string? expected)
    {
        var (tenant, content, digest) = await StoreAsync(1000, stored);
        using var cas = new CasProgram(tenant);
        Directory.CreateDirectory(Path.Combine(cas.Folder, "in", "ner"));

        var run = (await cas.RunAsync("artifact", "download", "-d", digest, "--path", "in/ner")).Expect(0);

        var file = Assert.Single(cas.Files());
        Assert.Equal($"in/ner/{expected ?? digest[7..]}", file);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(cas.Folder, file), Cancellation));
        var shown = run.Errors + (await cas.RunAsync("artifact", "ls")).Expect(0).Text + (await cas.RunAsync("artifact", "describe", "-d", digest)).Expect(0).Text;
        Assert.DoesNotContain(shown, character => character is '\u001b' or '\r' or '\u202e');
    }

    [Fact]
    public async Task A_stored_name_does_not_replace_a_file_that_holds_something_else()
    {
        var (tenant, content, digest) = await StoreAsync(1000, "notes.txt");
        using var cas = new CasProgram(tenant);
        cas.Write("notes.txt", Encoding.UTF8.GetBytes("mine"));

        Assert.Contains("--force", (await cas.RunAsync("artifact", "download", "-d", digest)).Expect(1).Errors, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(cas.Folder, "notes.txt"), Cancellation));

        (await cas.RunAsync("artifact", "download", "-d", digest, "--force")).Expect(0);
        (await cas.RunAsync("artifact", "download", "-d", digest)).Expect(0);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(cas.Folder, "notes.txt"), Cancellation));
    }

    private async Task<(Tenant Tenant, byte[] Content, string Digest)> StoreAsync(int size, string name)
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var content = RandomNumberGenerator.GetBytes(size);
        (await tenant.PutArtifactAsync(content, name)).Expect(HttpStatusCode.Created);
        return (tenant, content, Sha256Digest.Of(content).ToString());
    }
}
