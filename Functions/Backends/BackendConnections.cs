using System.Collections.Concurrent;
using CasFunctions.Providers;
using CasFunctions.Secrets;

namespace CasFunctions.Backends;

/// <summary>Opens backends with their current credentials, and keeps them open.</summary>
public sealed class BackendConnections(IEnumerable<IBlobProvider> providers, CachedSecrets secrets)
{
    private const int CacheSize = 2_000;

    private readonly Dictionary<string, IBlobProvider> _providers = providers.ToDictionary(provider => provider.Kind, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Organization, string Name, string? SecretVersion), IBlobStore> _open = new();

    /// <summary>The names of all providers.</summary>
    public IEnumerable<string> Kinds => _providers.Keys;

    /// <summary>The provider of a name; null when there is none.</summary>
    public IBlobProvider? FindProvider(string kind) => _providers.GetValueOrDefault(kind);

    /// <summary>True when a backend keeps the parts of an upload between requests.</summary>
    public bool KeepsParts(Backend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return _providers[backend.Provider].KeepsParts;
    }

    /// <summary>Opens a backend.</summary>
    /// <exception cref="SecretStoreException">The credentials can't be read.</exception>
    public async ValueTask<IBlobStore> OpenAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var key = (backend.Organization, backend.Name, backend.SecretVersion);
        if (_open.TryGetValue(key, out var open))
        {
            return open;
        }

        var credentials = backend is { SecretName: { } name, SecretVersion: { } version }
            ? await secrets.ReadAsync(name, version, cancellationToken)
            : null;
        if (_open.Count >= CacheSize)
        {
            _open.Clear();
        }

        return _open.GetOrAdd(key, _ => Open(backend.Organization, backend.Name, backend.Provider, backend.Settings, credentials));
    }

    /// <summary>Opens a store from credentials that are not stored yet.</summary>
    public IBlobStore Open(string organization, string name, string provider, string settings, string? credentials) =>
        _providers[provider].Open(new BackendConnection(organization, name, settings, credentials));
}
