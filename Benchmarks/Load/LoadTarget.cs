using System.Globalization;
using System.Net;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Load;

/// <summary>The service in a process of its own, and an organization whose default backend is the store to be loaded.</summary>
internal sealed class LoadTarget : IAsyncDisposable
{
    private readonly CasProcess _service;
    private readonly CephS3? _ceph;
    private readonly Tenant _tenant;
    private readonly bool _azure;

    private LoadTarget(CasProcess service, CephS3? ceph, Tenant tenant, bool azure)
    {
        _service = service;
        _ceph = ceph;
        _tenant = tenant;
        _azure = azure;
    }

    /// <summary>Where the service listens.</summary>
    public Uri Address => _service.Address;

    /// <summary>The service's process.</summary>
    public int ProcessId => _service.ProcessId;

    /// <summary>A token that may upload and download.</summary>
    public string Token => _tenant.OwnerToken;

    /// <summary>Starts a store and a service on it.</summary>
    /// <param name="services">The stores that can be started.</param>
    /// <param name="store"><c>azurite</c>, <c>registry</c> or <c>ceph</c>.</param>
    /// <param name="budget">The service's buffer memory in MiB; null for its default.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<LoadTarget> StartAsync(TestServices services, string store, int? budget, CancellationToken cancellationToken)
    {
        var ceph = store == "ceph" ? await CephS3.StartAsync(CephObjectStore.Disk) : null;
        var registry = store == "registry" ? await services.OciRegistryAsync() : null;
        int[] ports = (ceph?.Address ?? registry?.Address) is { } address ? [address.Port] : [];
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (budget is { } mib)
        {
            settings["Cas:Uploads:MemoryBudget"] = (mib * 1024L * 1024).ToString(CultureInfo.InvariantCulture);
        }

        var service = await CasProcess.StartAsync(services, settings, ports: ports);
        var tenant = await service.NewTenantAsync();
        if (ceph is null && registry is null)
        {
            await tenant.AddAzureAsync();
        }
        else
        {
            (await tenant.PostAsync("/v1/backends", new
            {
                name = "large",
                provider = ceph is null ? "oci" : "aws-s3",
                maxBytes = 1L << 30,
                @default = true,
                settings = ceph is null
                    ? new { repository = $"{registry!.Address.Authority}/load/content" }
                    : (object)new
                    {
                        bucket = await ceph.CreateBucketAsync(cancellationToken),
                        endpoint = ceph.Address.GetLeftPart(UriPartial.Authority),
                    },
                credentials = ceph is null
                    ? null
                    : new { accessKeyId = ceph.AccessKey, secretAccessKey = ceph.SecretKey, region = CephS3.Region },
            })).Expect(HttpStatusCode.Created);
        }

        return new LoadTarget(service, ceph, tenant, ceph is null && registry is null);
    }

    /// <summary>Makes room on the disk, where the store lets it be made past the service.</summary>
    public async Task ClearAsync()
    {
        if (_azure)
        {
            foreach (var blob in await _tenant.BlobsAsync())
            {
                await _tenant.Container.DeleteBlobAsync(blob);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        if (_ceph is not null)
        {
            await _ceph.DisposeAsync();
        }
    }
}
