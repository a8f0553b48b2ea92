using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

[assembly: AssemblyFixture(typeof(RunningService))]

namespace CasFunctions.Tests.Http;

/// <summary>
/// One service that the tests of a run share where they need no settings of their own. It starts when a test first asks for it, unless
/// <see cref="RemoteService"/> names another.
/// </summary>
public sealed class RunningService : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<CasService>? _service;

    /// <summary>The service with its inside; skips the test where there is none.</summary>
    public Task<CasService> GetAsync(TestServices services)
    {
        lock (_lock)
        {
            return _service ??= CasService.StartAsync(services);
        }
    }

    /// <summary>Creates an organization whose default backend is inline.</summary>
    public async Task<Tenant> NewTenantAsync(TestServices services) => RemoteService.Address is { } address
        ? await Tenant.CreateAsync(address, RemoteService.Storage)
        : await (await GetAsync(services)).NewTenantAsync();

    /// <summary>Creates an organization whose default backend is a container of its own.</summary>
    public async Task<Tenant> NewAzureTenantAsync(TestServices services) => await (await NewTenantAsync(services)).AddAzureAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_service is { IsCompletedSuccessfully: true } started)
        {
            await (await started).DisposeAsync();
        }
    }
}
