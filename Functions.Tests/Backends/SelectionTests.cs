using System.Net;
using CasFunctions.Backends;
using CasFunctions.Http;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Backends;

public sealed class SelectionTests(TestServices services, RunningService running)
{
    [Fact]
    public async Task Two_instances_at_once_never_select_two_or_the_same_or_a_deleted_one()
    {
        await using var first = await CasService.StartAsync(services);
        await using var second = await CasService.StartAsync(
            services,
            settings: new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = first.SecretsPath },
            tablePrefix: first.TablePrefix);
        for (var seed = 0; seed < 20; seed++)
        {
            await RandomCallsAsync(await first.NewTenantAsync(), second, new Random(seed), seed);
        }
    }

    [Fact]
    public async Task A_selection_that_was_decided_on_before_a_deletion_is_not_written_after_it()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var service = await running.GetAsync(services);
        var tenant = await running.NewAzureTenantAsync(services);
        (await tenant.PatchAsync("/v1/backends/inline", new { @default = true })).Expect(HttpStatusCode.OK);
        using var decided = new ManualResetEventSlim();
        using var deleted = new ManualResetEventSlim();
        var store = service.Services.GetRequiredService<BackendStore>();

        var selecting = Task.Run(() => store.SelectAsync(tenant.Name, Decide, cancellation), cancellation);
        await Task.Run(() => decided.Wait(cancellation), cancellation);
        (await tenant.DeleteAsync("/v1/backends/azure")).Expect(HttpStatusCode.OK);
        deleted.Set();

        await Assert.ThrowsAsync<ProblemException>(() => selecting);
        Assert.Equal(("inline", null), await service.SelectionRowAsync(tenant.Name));

        BackendSelection Decide(BackendSet set)
        {
            var azure = set.Find("azure") is { ArchivedAt: null } found ? found : throw Problems.NotFound("backend");
            decided.Set();
            deleted.Wait(cancellation);
            return new BackendSelection(azure.Name, null);
        }
    }

    [Fact]
    public async Task The_fallback_becomes_the_default_and_the_former_default_is_swapped_or_not_as_the_caller_asks()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        (await tenant.PatchAsync("/v1/backends/inline", new { fallback = true })).Expect(HttpStatusCode.OK);
        Assert.Equal(("azure", "inline"), await SelectedAsync(tenant));

        (await tenant.PatchAsync("/v1/backends/azure", new { fallback = true })).ExpectProblem(HttpStatusCode.Conflict, "is-default");
        (await tenant.PatchAsync("/v1/backends/inline", new { @default = true, fallback = true })).ExpectProblem(HttpStatusCode.BadRequest, "invalid-request");
        (await tenant.PatchAsync("/v1/backends/inline", new { @default = true, swap = true })).Expect(HttpStatusCode.OK);
        Assert.Equal(("inline", "azure"), await SelectedAsync(tenant));
        (await tenant.PatchAsync("/v1/backends/azure", new { @default = true })).Expect(HttpStatusCode.OK);
        Assert.Equal(("azure", null), await SelectedAsync(tenant));

        (await tenant.PatchAsync("/v1/backends/azure", new { @default = false })).Expect(HttpStatusCode.OK);
        Assert.Equal((null, null), await SelectedAsync(tenant));
        (await tenant.PutArtifactAsync([1])).ExpectProblem(HttpStatusCode.Conflict, "no-default-backend");
    }

    [Fact]
    public async Task A_backend_that_does_not_work_is_selected_by_force_only()
    {
        await using var backends = await TwoBackends.StartAsync(services, fallback: false);
        var tenant = backends.Tenant;
        (await tenant.PatchAsync("/v1/backends/inline", new { @default = true })).Expect(HttpStatusCode.OK);
        backends.Proxy.Break(_ => true, Fault.Answer(403));

        var refusal = (await tenant.PatchAsync("/v1/backends/main", new { @default = true })).ExpectProblem(HttpStatusCode.Conflict, "backend-unusable");

        Assert.Contains("force", refusal["hint"], StringComparison.Ordinal);
        Assert.Equal(("inline", null), await SelectedAsync(tenant));
        (await tenant.PatchAsync("/v1/backends/main", new { fallback = true, force = true })).Expect(HttpStatusCode.OK);
        Assert.Equal(("inline", "main"), await SelectedAsync(tenant));
    }

    private static async Task RandomCallsAsync(Tenant tenant, CasService other, Random random, int seed)
    {
        var names = Enumerable.Range(0, 4).Select(i => $"b{i}").ToList();
        foreach (var name in names)
        {
            (await tenant.PostAsync("/v1/backends", new
            {
                name,
                provider = "azure-blob",
                settings = new { container = tenant.Container.Name },
                credentials = new { connectionString = other.Azurite.ConnectionString },
            })).Expect(HttpStatusCode.Created);
        }

        List<string> deleted = [];
        var instances = new[] { tenant, tenant.At(other.Address) };
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => CallAsync(instances[random.Next(2)], names[random.Next(names.Count)], random.Next(8))));

        var shown = (await tenant.GetAsync("/v1/backends")).Expect(HttpStatusCode.OK).Json.GetProperty("backends").EnumerateArray().ToList();
        var defaults = shown.Where(backend => backend.GetProperty("default").GetBoolean()).Select(backend => backend.GetProperty("name").GetString()).ToList();
        var fallbacks = shown.Where(backend => backend.GetProperty("fallback").GetBoolean()).Select(backend => backend.GetProperty("name").GetString()).ToList();
        Assert.True(defaults.Count <= 1 && fallbacks.Count <= 1 && !defaults.Intersect(fallbacks).Any(), $"Seed {seed}: {defaults.Count} defaults, {fallbacks.Count} fallbacks.");
        var row = await other.SelectionRowAsync(tenant.Name);
        Assert.Empty(deleted.Intersect([row.Default, row.Fallback]));
        Assert.True(row.Default is null || row.Default != row.Fallback, $"Seed {seed}: the row selects {row.Default} twice.");

        async Task CallAsync(Tenant caller, string name, int kind)
        {
            var reply = kind switch
            {
                0 or 1 => await caller.PatchAsync($"/v1/backends/{name}", new { @default = true }),
                2 => await caller.PatchAsync($"/v1/backends/{name}", new { @default = true, swap = true }),
                3 or 4 or 5 => await caller.PatchAsync($"/v1/backends/{name}", new { fallback = true }),
                6 => await caller.PatchAsync($"/v1/backends/{name}", new { fallback = false }),
                _ => await caller.DeleteAsync($"/v1/backends/{name}"),
            };
            Assert.True(reply.Status is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.Conflict, $"Seed {seed}: {reply.Status} {reply["detail"]}");
            if (kind == 7 && reply.Status == HttpStatusCode.OK)
            {
                lock (deleted)
                {
                    deleted.Add(name);
                }
            }
        }
    }

    private static async Task<(string? Default, string? Fallback)> SelectedAsync(Tenant tenant)
    {
        var backends = (await tenant.GetAsync("/v1/backends")).Expect(HttpStatusCode.OK).Json.GetProperty("backends").EnumerateArray().ToList();
        return (Find("default"), Find("fallback"));

        string? Find(string role) => backends.Where(backend => backend.GetProperty(role).GetBoolean()).Select(backend => backend.GetProperty("name").GetString()).SingleOrDefault();
    }
}
