using System.Collections.Concurrent;
using CasFunctions.Providers;
using CasFunctions.Secrets;
using CasFunctions.Telemetry;

namespace CasFunctions.Backends;

/// <summary>Opens backends with their current credentials, and keeps them open.</summary>
public sealed class BackendConnections(
    IEnumerable<IBlobProvider> providers, CachedSecrets secrets, BackendStore backends, CasMetrics metrics)
{
    private const int CacheSize = 2_000;

    private readonly Dictionary<string, IBlobProvider> _providers = providers.ToDictionary(
        provider => provider.Kind, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<OpenedAs, IBlobStore> _open = new();

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

    /// <summary>True when a backend keeps the parts of an upload that nobody ends, until somebody drops them.</summary>
    public bool KeepsAbandoned(Backend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return _providers[backend.Provider].KeepsAbandoned;
    }

    /// <summary>Opens a backend.</summary>
    /// <exception cref="SecretStoreException">The credentials can't be read.</exception>
    public async ValueTask<IBlobStore> OpenAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var key = new OpenedAs(backend.Organization, backend.Name, backend.CreatedAt, backend.SecretVersion);
        if (_open.TryGetValue(key, out var open))
        {
            return open;
        }

        string? credentials;
        try
        {
            credentials = await ReadCredentialsAsync(backend, cancellationToken);
        }
        catch (SecretStoreException failure) when (failure.Kind == SecretStoreErrorKind.NotFound)
        {
            // A rotation disables the version before it; what was read of the backend may be a few seconds old.
            var now = await backends.FindAsync(backend.Organization, backend.Name, cancellationToken);
            if (now is null || now.SecretVersion == backend.SecretVersion)
            {
                throw;
            }

            return await OpenAsync(now, cancellationToken);
        }

        if (_open.Count >= CacheSize)
        {
            _open.Clear();
        }

        return _open.GetOrAdd(
            key, _ => new RenewingBlobStore(Open(backend, credentials), (refused, token) => RenewAsync(backend, refused, token)));
    }

    /// <summary>Opens a store from credentials that are not stored yet.</summary>
    public IBlobStore Open(string organization, string name, string provider, string settings, string? credentials) =>
        new ObservedBlobStore(
            _providers[provider].Open(new BackendConnection(organization, name, settings, credentials)), provider, metrics);

    private OpenedStore Open(Backend backend, string? credentials) =>
        new(Open(backend.Organization, backend.Name, backend.Provider, backend.Settings, credentials), credentials);

    private async Task<string?> ReadCredentialsAsync(Backend backend, CancellationToken cancellationToken) =>
        backend is { SecretName: { } name, SecretVersion: { } version } ? await secrets.ReadAsync(name, version, cancellationToken) : null;

    /// <summary>Opens a backend whose credentials were refused with those that it has now; null when they are the same.</summary>
    private async Task<OpenedStore?> RenewAsync(Backend opened, OpenedStore refused, CancellationToken cancellationToken)
    {
        var found = await backends.FindAsync(opened.Organization, opened.Name, cancellationToken);
        if (found is not { SecretName: { } name, SecretVersion: { } version } now)
        {
            return null;
        }

        secrets.Forget(name, version);
        var credentials = await ReadCredentialsAsync(now, cancellationToken);
        return credentials == refused.Credentials ? null : Open(now, credentials);
    }

    /// <summary>What a store was opened as: with the time, as a name can come to mean another place, and not all have credentials.</summary>
    private readonly record struct OpenedAs(string Organization, string Name, DateTimeOffset CreatedAt, string? SecretVersion);
}
