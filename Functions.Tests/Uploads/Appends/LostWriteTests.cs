using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>
/// The tables do what an append asks and the answer is lost. Before the append asks again, a request on another instance has built on what
/// was done: the append must leave alone what that one needs.
/// </summary>
public sealed class LostWriteTests(TestServices services)
{
    private const int Part = AppendCalls.Part;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Parked_bytes_that_another_instance_builds_on_stay()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        using var secrets = new TemporaryFolder();
        await using var first = await StartAsync(proxy, secrets);
        await using var second = await CasService.StartAsync(services, settings: SettingsOf(secrets), tablePrefix: first.TablePrefix);
        var tenant = await (await first.NewTenantAsync()).AddAzureAsync();
        var other = tenant.At(second.Address);
        var content = RandomNumberGenerator.GetBytes(3000);
        var upload = await tenant.NewTusAsync(content);
        LoseSecondWrite(proxy);

        var append = tenant.AppendTusAsync(upload, 0, content.AsMemory(0, 2000));
        await _done.Task.WaitAsync(Cancellation);
        var wrong = ("Upload-Checksum", "sha256 " + Sha256Digest.Of(content).Base64);
        (await other.AppendTusAsync(upload, 2000, content.AsMemory(2000), wrong)).ExpectProblem((HttpStatusCode)460, "checksum-mismatch");
        _lost.SetResult();

        (await append).ExpectProblem(HttpStatusCode.Conflict, "conflict");
        Assert.Equal("2000", (await other.HeadTusAsync(upload)).Field("Upload-Offset"));
        (await other.AppendTusAsync(upload, 2000, content.AsMemory(2000))).Expect(HttpStatusCode.NoContent);
        await tenant.AssertStoredAsync(content);
    }

    [Fact]
    public async Task An_upload_at_the_store_that_another_instance_has_taken_over_stays_open()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        using var secrets = new TemporaryFolder();
        var backends = await TestBackends.StartAsync(services, "aws-s3");
        await using var first = await StartAsync(proxy, secrets, backends.Ports);
        await using var second = await CasService.StartAsync(
            services, backends.Ports, SettingsOf(secrets), tablePrefix: first.TablePrefix);
        var tenant = await first.NewTenantAsync();
        await backends.AddAsync(tenant, "aws-s3");
        var other = tenant.At(second.Address);
        var content = RandomNumberGenerator.GetBytes((2 * Part) + 1000);
        var upload = await tenant.NewIetfAsync(content);
        LoseSecondWrite(proxy);

        var append = tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, Part + 1000), false);
        await _done.Task.WaitAsync(Cancellation);
        Assert.Equal(0, await other.OffsetAsync(upload));
        _lost.SetResult();

        (await append).ExpectProblem(HttpStatusCode.Conflict, "conflict");
        Assert.Single(await backends.OpenUploadsAsync());
        (await other.AppendIetfAsync(upload, 0, content, true)).Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync(content);
        Assert.Empty(await backends.OpenUploadsAsync());
    }

    [Fact]
    public async Task A_whole_body_is_stored_though_the_reply_to_the_last_write_before_its_commit_was_lost()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).TableEndpoint);
        using var secrets = new TemporaryFolder();
        await using var service = await StartAsync(proxy, secrets);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes(1000);
        var upload = await tenant.NewUploadAsync(Sha256Digest.Of(content), content.Length);
        proxy.Break(IsWrite, Fault.LoseReply, times: 1);

        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);

        await tenant.AssertStoredAsync(content);
    }

    private static Dictionary<string, string> SettingsOf(TemporaryFolder secrets) =>
        new(StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = secrets.FullPath };

    /// <summary>Starts the instance that loses an answer of its tables.</summary>
    private async Task<CasService> StartAsync(FaultProxy proxy, TemporaryFolder secrets, IEnumerable<int>? ports = null)
    {
        var azurite = await services.AzuriteAsync();
        var settings = SettingsOf(secrets);
        settings["Cas:Storage:ConnectionString"] = proxy.Through(azurite.ConnectionString);
        return await CasService.StartAsync(services, [.. ports ?? []], settings);
    }

    private static bool IsWrite(ProxiedRequest request) => request.Method == "PUT" && request.Path.Contains("Sessions(", StringComparison.Ordinal);

    /// <summary>An append writes to its session first to take it over, and then to say what it has.</summary>
    private void LoseSecondWrite(FaultProxy proxy)
    {
        var writes = 0;
        proxy.Break(
            request => IsWrite(request) && ++writes == 2,
            Fault.WithholdReply(_done, _lost.Task));
    }
}
