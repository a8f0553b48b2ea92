using System.Collections.Concurrent;
using Azure.Data.Tables;
using CasFunctions.Storage;

namespace CasFunctions.Backends;

/// <summary>
/// Backends in the table <c>Backends</c> (partition: the organization; row: the name). The row <c>_selection</c> names the default and the
/// fallback in one row, so that one conditional write changes either and there can never be two.
/// </summary>
public sealed class BackendStore(AppStorage storage, TimeProvider time)
{
    private const string Table = "Backends";
    private const string SelectionRow = "_selection";
    private const int CacheSize = 10_000;
    private const int SelectionTries = 10;

    /// <summary>How long another instance may still work with what it read before a change.</summary>
    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (BackendSet Set, DateTimeOffset Until)> _cache = new(StringComparer.Ordinal);

    /// <summary>All backends of an organization, at most five seconds old.</summary>
    public async ValueTask<BackendSet> ReadAsync(string organization, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_cache.TryGetValue(organization, out var cached) && cached.Until > now)
        {
            return cached.Set;
        }

        var set = await ReadFreshAsync(organization, cancellationToken);
        if (_cache.Count >= CacheSize)
        {
            _cache.Clear();
        }

        _cache[organization] = (set, now + CacheTime);
        return set;
    }

    /// <summary>All backends of an organization as they are now.</summary>
    public async Task<BackendSet> ReadFreshAsync(string organization, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var backends = new Dictionary<string, Backend>(StringComparer.Ordinal);
        TableEntity? selection = null;
        await foreach (var row in table.QueryAsync<TableEntity>(row => row.PartitionKey == organization, cancellationToken: cancellationToken))
        {
            if (row.RowKey == SelectionRow)
            {
                selection = row;
            }
            else
            {
                backends.Add(row.RowKey, FromRow(row));
            }
        }

        return new BackendSet(backends, selection?.GetString("Default"), selection?.GetString("Fallback"));
    }

    /// <summary>Adds a backend. False when the name is taken.</summary>
    public async Task<bool> TryAddAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var table = await storage.OpenAsync(Table);
        var added = await table.TryAddAsync(ToRow(backend), cancellationToken) is not null;
        _cache.TryRemove(backend.Organization, out _);
        return added;
    }

    /// <summary>
    /// Changes the selection in one conditional write, repeated when another change came in between.
    /// </summary>
    /// <param name="organization">The organization.</param>
    /// <param name="change">Gets the default's and the fallback's names and returns the new ones. May be called several times.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="Http.ProblemException">409 when others change it all the time.</exception>
    public async Task SelectAsync(
        string organization, Func<(string? Default, string? Fallback), (string? Default, string? Fallback)> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var table = await storage.OpenAsync(Table);
        for (var tries = 0; tries < SelectionTries; tries++)
        {
            var current = await table.FindAsync(organization, SelectionRow, cancellationToken);
            var (newDefault, newFallback) = change((current?.GetString("Default"), current?.GetString("Fallback")));
            var row = new TableEntity(organization, SelectionRow) { ["Default"] = newDefault, ["Fallback"] = newFallback };
            var written = current is null
                ? await table.TryAddAsync(row, cancellationToken)
                : await table.TryReplaceAsync(row, current.ETag, cancellationToken);
            _cache.TryRemove(organization, out _);
            if (written is not null)
            {
                return;
            }
        }

        throw Http.Problems.Conflict("The selection of backends was changed by other requests.");
    }

    private static TableEntity ToRow(Backend backend) => new(backend.Organization, backend.Name)
    {
        ["Provider"] = backend.Provider,
        ["Location"] = backend.Location,
        ["Settings"] = backend.Settings,
        ["SecretName"] = backend.SecretName,
        ["SecretVersion"] = backend.SecretVersion,
        ["Description"] = backend.Description,
        ["MaxBytes"] = backend.MaxBytes,
        ["Status"] = backend.Status.ToString(),
        ["StatusReason"] = backend.StatusReason,
        ["StatusSince"] = backend.StatusSince,
        ["CheckedAt"] = backend.CheckedAt,
        ["CreatedAt"] = backend.CreatedAt,
        ["ArchivedAt"] = backend.ArchivedAt,
    };

    private static Backend FromRow(TableEntity row) => new()
    {
        Organization = row.PartitionKey,
        Name = row.RowKey,
        Provider = row.GetString("Provider"),
        Location = row.GetString("Location"),
        Settings = row.GetString("Settings"),
        SecretName = row.GetString("SecretName"),
        SecretVersion = row.GetString("SecretVersion"),
        Description = row.GetString("Description") ?? "",
        MaxBytes = row.GetInt64("MaxBytes") ?? 0,
        Status = Enum.Parse<BackendStatus>(row.GetString("Status")),
        StatusReason = row.GetString("StatusReason"),
        StatusSince = row.GetDateTimeOffset("StatusSince") ?? default,
        CheckedAt = row.GetDateTimeOffset("CheckedAt"),
        CreatedAt = row.GetDateTimeOffset("CreatedAt") ?? default,
        ArchivedAt = row.GetDateTimeOffset("ArchivedAt"),
    };
}
