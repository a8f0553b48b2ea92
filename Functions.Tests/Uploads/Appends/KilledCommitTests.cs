using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>What happens when an instance dies, or the store's answer is lost, at the moment that makes a content readable.</summary>
public sealed class KilledCommitTests(TestServices services)
{
    private const int Part = AppendCalls.Part;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1000, false)]
    [InlineData((2 * Part) + 1000, true)]
    [InlineData((2 * Part) + 1000, false)]
    public async Task An_instance_killed_at_the_commit_costs_a_repeat_of_the_last_append(int size, bool done)
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasProcess.StartAsync(services, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        await AddAzureAsync(tenant, proxy.Through(service.Azurite.ConnectionString));
        var content = RandomNumberGenerator.GetBytes(size);
        var upload = await tenant.NewIetfAsync(content);
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, 600), false)).Expect(HttpStatusCode.NoContent);
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var commits = CommitsOf(content);
        proxy.Break(commits, done ? Fault.WithholdReply(committed) : Fault.Stall);
        var doomed = tenant.AppendIetfAsync(upload, 600, content.AsMemory(600), true);
        await Eventually.TrueAsync(
            _ => Task.FromResult(done ? committed.Task.IsCompleted : proxy.Requests.Any(commits)), Deadline, Cancellation);

        await service.KillAsync();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => doomed);
        proxy.Heal();
        await service.StartAsync();
        var repeated = (await tenant.AppendIetfAsync(upload, 600, content.AsMemory(600), true)).Expect(HttpStatusCode.Created);
        Assert.Equal($"{size}", repeated.Field("Upload-Offset"));
        Assert.Equal("?1", (await tenant.HeadIetfAsync(upload)).Field("Upload-Complete"));
        await tenant.AssertStoredAsync(content);
        Assert.Single(await tenant.BlobsAsync());
        Assert.Single((await tenant.GetAsync("/v1/artifacts")).Json.GetProperty("artifacts").EnumerateArray());
    }

    [Theory]
    [InlineData(1000)]
    [InlineData((2 * Part) + 1000)]
    public async Task A_commit_whose_answer_is_lost_is_found_done_by_a_repeat(int size)
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        await AddAzureAsync(tenant, proxy.Through(service.Azurite.ConnectionString));
        var content = RandomNumberGenerator.GetBytes(size);
        var upload = await tenant.NewIetfAsync(content);
        var commits = CommitsOf(content);
        proxy.Break(commits, Fault.LoseReply);

        // Either the service looks for itself and finds it done, or it asks for a repeat.
        var first = await tenant.AppendIetfAsync(upload, 0, content, true);
        Assert.Contains(first.Status, (HttpStatusCode[])[HttpStatusCode.Created, HttpStatusCode.ServiceUnavailable]);
        var stored = Assert.Single(await tenant.BlobsAsync());
        proxy.Heal();

        (await tenant.AppendIetfAsync(upload, 0, content, true)).Expect(HttpStatusCode.Created);
        (await tenant.AppendIetfAsync(upload, 0, content, true)).Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync(content);
        Assert.Equal(stored, Assert.Single(await tenant.BlobsAsync()));
    }

    [Fact]
    public async Task An_instance_killed_while_it_forwards_to_a_registry_is_waited_for_and_then_replaced()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.OciRegistryAsync()).Address);
        using var secrets = new TemporaryFolder();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = secrets.FullPath };
        await using var service = await CasProcess.StartAsync(services, settings, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        await AddRegistryAsync(tenant, proxy);
        var content = RandomNumberGenerator.GetBytes((2 * Part) + 1000);
        var upload = await tenant.NewIetfAsync(content);
        (await tenant.AppendIetfAsync(upload, 0, content.AsMemory(0, Part + 600), false)).Expect(HttpStatusCode.NoContent);
        var before = proxy.Requests.Count;
        proxy.Break(IsBody, Fault.Stall);
        var doomed = tenant.AppendIetfAsync(upload, Part + 600, content.AsMemory(Part + 600), true);
        await Eventually.TrueAsync(_ => Task.FromResult(proxy.Requests.Skip(before).Any(IsBody)), Deadline, Cancellation);

        await service.KillAsync();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => doomed);
        proxy.Heal();
        await service.StartAsync();
        var waiting = (await tenant.AppendIetfAsync(upload, Part + 600, content.AsMemory(Part + 600), true))
            .ExpectProblem(HttpStatusCode.ServiceUnavailable, "completing");
        Assert.True(waiting.Message.Headers.RetryAfter?.Delta > TimeSpan.Zero);

        // An instance to which it is two minutes later.
        await using var later = await CasService.StartAsync(
            services,
            [proxy.Address.Port],
            settings,
            builder => builder.Services.AddSingleton<TimeProvider>(new ShiftedClock { Ahead = TimeSpan.FromMinutes(2) }),
            service.TablePrefix);
        var last = await tenant.At(later.Address).AppendIetfAsync(upload, Part + 600, content.AsMemory(Part + 600), true);
        last.Expect(HttpStatusCode.Created);
        await tenant.AssertStoredAsync(content);
    }

    /// <summary>Tells the requests that make a content readable in Azure.</summary>
    private static Func<ProxiedRequest, bool> CommitsOf(byte[] content)
    {
        var hex = Sha256Digest.Of(content).Hex;
        return request => request.Method == "PUT"
            && request.Path.Contains(hex, StringComparison.Ordinal)
            && !request.Query.Contains("comp=block&", StringComparison.Ordinal);
    }

    private static bool IsBody(ProxiedRequest request) =>
        request.Method is "PUT" or "PATCH" && request.Path.Contains("/uploads/", StringComparison.Ordinal);

    private static async Task AddAzureAsync(Tenant tenant, string connectionString) => (await tenant.PostAsync("/v1/backends", new
    {
        name = "azure",
        provider = "azure-blob",
        @default = true,
        settings = new { container = tenant.Container.Name },
        credentials = new { connectionString },
    })).Expect(HttpStatusCode.Created);

    private static async Task AddRegistryAsync(Tenant tenant, FaultProxy proxy) => (await tenant.PostAsync("/v1/backends", new
    {
        name = "registry",
        provider = "oci",
        @default = true,
        settings = new { repository = $"{proxy.Address.Authority}/tests/{Guid.NewGuid():n}" },
    })).Expect(HttpStatusCode.Created);
}
