using System.Text.Json;
using CasFunctions.Storage;

namespace CasFunctions.Providers.Inline;

/// <summary>
/// Small content kept in the service's own tables, to be embedded in attestations. Every organization has one such backend from
/// the start; it can't be added.
/// </summary>
public sealed class InlineProvider(AppStorage storage) : IBlobProvider
{
    /// <summary>The provider's name.</summary>
    public const string KindName = "inline";

    /// <summary>Largest content in bytes.</summary>
    public const long MaxSize = 500 * 1024;

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public BackendConfiguration Configure(string organization, JsonElement settings, JsonElement? credentials) =>
        throw new BackendSettingsException("provider", "Every organization has its inline backend already; it can't be added.");

    /// <inheritdoc/>
    public string ConfigureCredentials(string organization, string settings, JsonElement credentials) =>
        throw new BackendSettingsException("credentials", "The inline backend has no credentials.");

    /// <inheritdoc/>
    public IBlobStore Open(BackendConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new InlineStore(storage, connection.Organization);
    }
}
