using CasFunctions.Tests.Services;

[assembly: AssemblyFixture(typeof(TestServices))]

namespace CasFunctions.Tests.Services;

/// <summary>
/// The real services of a test run. A test class takes this in its constructor; each service starts when a test first asks for
/// it, is shared by all tests of the run, and is stopped at the end. Tests that share a service keep apart by names of their own
/// (containers, tables, buckets, repositories). Where a program is missing the asking test is skipped, or fails under CI=true.
/// </summary>
public sealed class TestServices : IAsyncDisposable
{
    private readonly SharedService<Azurite> _azurite = new(Azurite.StartAsync);
    private readonly SharedService<AzureOAuth> _azureOAuth = new(AzureOAuth.StartAsync);
    private readonly SharedService<CephS3> _cephS3 = new(() => CephS3.StartAsync());
    private readonly SharedService<OciRegistry> _anonymousRegistry = new(() => OciRegistry.StartAsync());
    private readonly SharedService<OciRegistry> _basicRegistry = new(() => OciRegistry.StartAsync(RegistryAccess.Basic));
    private readonly SharedService<OciRegistry> _tokenRegistry = new(() => OciRegistry.StartAsync(RegistryAccess.Token));

    /// <summary>Blob and Table Storage, with the account's key.</summary>
    public Task<Azurite> AzuriteAsync() => _azurite.GetAsync();

    /// <summary>Blob and Table Storage over HTTPS behind Entra ID.</summary>
    public Task<AzureOAuth> AzureOAuthAsync() => _azureOAuth.GetAsync();

    /// <summary>S3, with objects in memory: keep them small, or start a <see cref="CephS3"/> on disk.</summary>
    public Task<CephS3> CephS3Async() => _cephS3.GetAsync();

    /// <summary>A registry with relative <c>Location</c> headers; start an <see cref="OciRegistry"/> for absolute ones.</summary>
    public Task<OciRegistry> OciRegistryAsync(RegistryAccess access = RegistryAccess.Anonymous) => access switch
    {
        RegistryAccess.Basic => _basicRegistry.GetAsync(),
        RegistryAccess.Token => _tokenRegistry.GetAsync(),
        _ => _anonymousRegistry.GetAsync(),
    };

    public async ValueTask DisposeAsync()
    {
        await _azurite.DisposeAsync();
        await _azureOAuth.DisposeAsync();
        await _cephS3.DisposeAsync();
        await _anonymousRegistry.DisposeAsync();
        await _basicRegistry.DisposeAsync();
        await _tokenRegistry.DisposeAsync();
    }

    private sealed class SharedService<T>(Func<Task<T>> start) : IAsyncDisposable
        where T : IAsyncDisposable
    {
        private readonly Lazy<Task<T>> _service = new(start);

        public Task<T> GetAsync() => _service.Value;

        public async ValueTask DisposeAsync()
        {
            if (_service.IsValueCreated)
            {
                // A service that failed to start has cleaned up after itself and told the tests that asked for it.
                await Task.WhenAny(_service.Value);
                if (_service.Value.IsCompletedSuccessfully)
                {
                    await (await _service.Value).DisposeAsync();
                }
            }
        }
    }
}
