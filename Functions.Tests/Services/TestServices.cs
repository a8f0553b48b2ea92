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

    /// <summary>Blob and Table Storage, with the account's key.</summary>
    public Task<Azurite> AzuriteAsync() => _azurite.GetAsync();

    public async ValueTask DisposeAsync()
    {
        await _azurite.DisposeAsync();
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
