using System.Net;
using Azure.Storage.Blobs;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Azure.Functions.Worker.Builder;

namespace CasFunctions.Tests.Backends;

/// <summary>
/// A service with a tenant whose default backend, <c>main</c>, is reached through a proxy that can break it, and whose fallback,
/// <c>spare</c>, is not.
/// </summary>
internal sealed class TwoBackends : IAsyncDisposable
{
    private TwoBackends(CasService service, FaultProxy proxy, Tenant tenant)
    {
        Service = service;
        Proxy = proxy;
        Tenant = tenant;
        Spare = new BlobContainerClient(service.Azurite.ConnectionString, "s" + Guid.NewGuid().ToString("n")[..20]);
    }

    public CasService Service { get; }

    public FaultProxy Proxy { get; }

    public Tenant Tenant { get; }

    /// <summary>The fallback's container, seen past the service; the default's is the tenant's.</summary>
    public BlobContainerClient Spare { get; }

    public static async Task<TwoBackends> StartAsync(
        TestServices services,
        bool fallback = true,
        IReadOnlyDictionary<string, string>? settings = null,
        Action<FunctionsApplicationBuilder>? configure = null)
    {
        var azurite = await services.AzuriteAsync();
        var proxy = await FaultProxy.StartAsync(azurite.BlobEndpoint);
        var service = await CasService.StartAsync(services, [proxy.Address.Port], settings, configure);
        var backends = new TwoBackends(service, proxy, await service.NewTenantAsync());
        await backends.AddAsync("main", backends.Tenant.Container.Name, proxy.Through(azurite.ConnectionString), new { @default = true });
        if (fallback)
        {
            await backends.AddAsync("spare", backends.Spare.Name, azurite.ConnectionString, new { fallback = true });
        }

        return backends;
    }

    /// <summary>Takes the default down: every connection to it is cut.</summary>
    public void KillMain() => Proxy.Break(_ => true, Fault.Cut);

    /// <summary>The names of the blobs in a container.</summary>
    public static Task<List<string>> BlobsAsync(BlobContainerClient container) =>
        container.GetBlobsAsync(cancellationToken: TestContext.Current.CancellationToken).Select(blob => blob.Name).ToListAsync(TestContext.Current.CancellationToken).AsTask();

    public async Task AddAsync(string name, string container, string connectionString, object selection)
    {
        (await Tenant.PostAsync("/v1/backends", new
        {
            name,
            provider = "azure-blob",
            maxBytes = 64L << 30,
            settings = new { container },
            credentials = new { connectionString },
        })).Expect(HttpStatusCode.Created);
        (await Tenant.PatchAsync($"/v1/backends/{name}", selection)).Expect(HttpStatusCode.OK);
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Proxy.DisposeAsync();
    }
}
