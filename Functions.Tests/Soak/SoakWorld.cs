using System.Net;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Soak;

/// <summary>
/// All of a run: instances of the service on one storage, organizations whose default and fallback are of different providers, the stores
/// behind proxies, and what is known of them.
/// </summary>
internal sealed class SoakWorld : IAsyncDisposable
{
    private readonly TemporaryFolder _secrets = new();
    private int _alterations;

    private SoakWorld(SoakPlan plan, TimeProvider time, Stores stores, FaultProxy tables, FaultProxy staging)
    {
        Plan = plan;
        Time = time;
        Journal = new(time);
        Stores = stores;
        Tables = tables;
        Staging = staging;
    }

    public SoakPlan Plan { get; }

    public TimeProvider Time { get; }

    public Journal Journal { get; }

    public Model Model { get; } = new();

    public Stores Stores { get; }

    /// <summary>The proxy before the service's own tables.</summary>
    public FaultProxy Tables { get; }

    /// <summary>The proxy before the service's own blobs.</summary>
    public FaultProxy Staging { get; }

    public IReadOnlyList<Instance> Instances { get; private set; } = [];

    public IReadOnlyList<SoakOrganization> Organizations { get; private set; } = [];

    /// <summary>The folder of the secrets that all instances share.</summary>
    public string Secrets => _secrets.FullPath;

    /// <summary>Changes whenever the proxies begin or cease to alter what stores answer; odd while they do.</summary>
    public int Alterations => Volatile.Read(ref _alterations);

    /// <summary>The settings that all instances share.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Ports that the service may reach besides its own storage's.</summary>
    public IEnumerable<int> Ports => Stores.Proxies.Select(proxy => proxy.Address.Port);

    /// <summary>Starts everything.</summary>
    public static async Task<SoakWorld> StartAsync(TestServices services, SoakPlan plan, TimeProvider time)
    {
        var storage = await services.AzuriteAsync();
        var stores = await Stores.StartAsync(services, plan.IsLong);
        var world = new SoakWorld(
            plan,
            time,
            stores,
            await FaultProxy.StartAsync(storage.TableEndpoint, remembers: false),
            await FaultProxy.StartAsync(storage.BlobEndpoint, remembers: false));
        try
        {
            await world.StartInstancesAsync(services, storage);
            await world.AddOrganizationsAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Chooses an instance.</summary>
    public Instance ChooseInstance(Random random) => Instances[random.Next(Instances.Count)];

    /// <summary>Notes that proxies begin or cease to alter what stores answer.</summary>
    public void ChangeAlterations() => Interlocked.Increment(ref _alterations);

    /// <summary>Notes a backend and describes it as the API wants it.</summary>
    public async Task<object> PrepareAsync(SoakOrganization organization, SoakBackend backend, CancellationToken cancellationToken)
    {
        var place = backend.Provider == "oci" ? "registry" : backend.Container;
        Model.Place(organization.Name, backend.Name, place);
        var description = await Stores.DescribeAsync(backend, organization.Name, cancellationToken);
        organization.Add(backend);
        return description;
    }

    /// <summary>Breaks nothing any more.</summary>
    public void Heal()
    {
        foreach (var proxy in (IEnumerable<FaultProxy>)[.. Stores.Proxies, Tables, Staging])
        {
            proxy.Heal();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in Instances)
        {
            await instance.Process.DisposeAsync();
        }

        await Tables.DisposeAsync();
        await Staging.DisposeAsync();
        await Stores.DisposeAsync();
        _secrets.Dispose();
    }

    private async Task StartInstancesAsync(TestServices services, Azurite storage)
    {
        Settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:Secrets:LocalPath"] = Secrets,
            ["Cas:Storage:ConnectionString"] = Staging.Through(Tables.Through(storage.ConnectionString)),
        };
        var prefix = "T" + Guid.NewGuid().ToString("n")[..12];
        for (var number = 0; number < Plan.Instances; number++)
        {
            Instances = [.. Instances, new(number, await CasProcess.StartAsync(services, Settings, prefix, Ports), Time)];
        }
    }

    private async Task AddOrganizationsAsync()
    {
        (string Default, string Fallback)[] providers = [("azure-blob", "oci"), ("oci", "aws-s3"), ("aws-s3", "azure-blob")];
        foreach (var (first, second) in providers)
        {
            var organization = new SoakOrganization(await Instances[0].Process.NewTenantAsync());
            Organizations = [.. Organizations, organization];
            Model.Place(organization.Name, "inline", "inline");
            await AddAsync(organization, new("main", first, $"{organization.Name}-main"), new { @default = true });
            await AddAsync(organization, new("spare", second, $"{organization.Name}-spare"), new { fallback = true });
        }
    }

    private async Task AddAsync(SoakOrganization organization, SoakBackend backend, object selection)
    {
        var description = await PrepareAsync(organization, backend, CancellationToken.None);
        (await organization.Tenant.PostAsync("/v1/backends", description)).Expect(HttpStatusCode.Created);
        (await organization.Tenant.PatchAsync($"/v1/backends/{backend.Name}", selection)).Expect(HttpStatusCode.OK);
    }
}
