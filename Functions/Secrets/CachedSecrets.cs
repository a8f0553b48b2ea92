using Microsoft.Extensions.Caching.Memory;

namespace CasFunctions.Secrets;

/// <summary>
/// Reads secrets and keeps them in memory, at most 1,000 and for an hour after their last use. Versions never change, so nothing
/// gets stale; <see cref="Forget"/> covers what an operator restored or replaced by hand.
/// </summary>
/// <param name="store">Where the secrets are.</param>
public sealed class CachedSecrets(ISecretStore store) : IDisposable
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromHours(1);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = 1_000 });

    /// <summary>Reads one version, from memory when it was read before.</summary>
    /// <exception cref="SecretStoreException">It could not be read. Failures are not kept.</exception>
    public async Task<string> ReadAsync(string name, string version, CancellationToken cancellationToken)
    {
        var key = (name, version);
        if (_cache.TryGetValue(key, out string? cached))
        {
            return cached!;
        }

        var value = await store.ReadAsync(name, version, cancellationToken);
        _cache.Set(key, value, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = IdleTime });
        return value;
    }

    /// <summary>Drops one version from memory. To be called when the backend refuses the credentials.</summary>
    public void Forget(string name, string version) => _cache.Remove((name, version));

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();
}
