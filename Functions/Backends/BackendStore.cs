using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
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
    private const int ChangeTries = 20;

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
        var rows = table.QueryAsync<TableEntity>(row => row.PartitionKey == organization, cancellationToken: cancellationToken);
        await foreach (var row in rows)
        {
            if (row.RowKey == SelectionRow)
            {
                selection = row;
            }
            else
            {
                backends.Add(row.RowKey, BackendRows.FromRow(row));
            }
        }

        return new BackendSet(backends, SelectionOf(selection));
    }

    /// <summary>One backend as it is now; null when there is none.</summary>
    public async Task<Backend?> FindAsync(string organization, string name, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        return name != SelectionRow && await table.FindAsync(organization, name, cancellationToken) is { } row
            ? BackendRows.FromRow(row)
            : null;
    }

    /// <summary>The organizations that have backends, and the rows that say which are selected.</summary>
    public async IAsyncEnumerable<(string Organization, BackendSelection Selection)> ListSelectionsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        await foreach (var row in table.QueryAsync<TableEntity>(row => row.RowKey == SelectionRow, cancellationToken: cancellationToken))
        {
            yield return (row.PartitionKey, SelectionOf(row));
        }
    }

    /// <summary>The backends that were deleted before a time.</summary>
    public async IAsyncEnumerable<Backend> ListDeletedAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = TableClient.CreateQueryFilter($"DeletedAt lt {before}");
        await foreach (var row in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            yield return BackendRows.FromRow(row);
        }
    }

    /// <summary>Adds a backend. False when the name is taken.</summary>
    public async Task<bool> TryAddAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var table = await storage.OpenAsync(Table);
        var added = await table.TryAddAsync(BackendRows.ToRow(backend), cancellationToken) is not null;
        _cache.TryRemove(backend.Organization, out _);
        return added;
    }

    /// <summary>Writes a backend that nobody has changed since it was read; null when somebody has.</summary>
    public async Task<Backend?> TryChangeAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var table = await storage.OpenAsync(Table);
        var etag = await table.TryReplaceAsync(BackendRows.ToRow(backend), backend.ETag, cancellationToken);
        _cache.TryRemove(backend.Organization, out _);
        return etag is { } version ? backend with { ETag = version } : null;
    }

    /// <summary>Changes a backend, again when another change came in between.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="name">The backend's name.</param>
    /// <param name="change">Makes the new from the current one, or null to leave it. May be called several times.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The backend as it is now; null when there is none, or <paramref name="change"/> left it.</returns>
    /// <exception cref="Http.ProblemException">409 when others change it all the time.</exception>
    public async Task<Backend?> ChangeAsync(
        string organization, string name, Func<Backend, Backend?> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        for (var tries = 0; tries < ChangeTries; tries++)
        {
            if (await FindAsync(organization, name, cancellationToken) is not { } current || change(current) is not { } wanted)
            {
                return null;
            }

            if (await TryChangeAsync(wanted with { ETag = current.ETag }, cancellationToken) is { } changed)
            {
                return changed;
            }
        }

        throw Http.Problems.Conflict("The backend was changed by other requests.");
    }

    /// <summary>Removes a backend's row; nothing happens when it was changed since it was read.</summary>
    public async Task RemoveAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var table = await storage.OpenAsync(Table);
        try
        {
            await table.TryDeleteAsync(backend.Organization, backend.Name, backend.ETag, cancellationToken);
        }
        finally
        {
            _cache.TryRemove(backend.Organization, out _);
        }
    }

    /// <summary>
    /// Changes the selection in one conditional write, repeated when another change came in between.
    /// </summary>
    /// <remarks>
    /// The row's version is read before the backends are. Whoever removes a backend marks it first and writes the selection after that, so
    /// that a selection that was decided on before the mark is never written.
    /// </remarks>
    /// <param name="organization">The organization.</param>
    /// <param name="change">Makes the new selection from the backends as they are now. May be called several times.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="Http.ProblemException">409 when others change it all the time.</exception>
    public async Task SelectAsync(string organization, Func<BackendSet, BackendSelection> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var table = await storage.OpenAsync(Table);
        for (var tries = 0; tries < ChangeTries; tries++)
        {
            var current = await table.FindAsync(organization, SelectionRow, cancellationToken);
            var set = await ReadFreshAsync(organization, cancellationToken);
            var selection = change(new BackendSet(set.Backends, SelectionOf(current)));
            var row = new TableEntity(organization, SelectionRow) { ["Default"] = selection.Default, ["Fallback"] = selection.Fallback };
            var written = current is null
                ? await table.TryAddAsync(row, cancellationToken)
                : await table.TryReplaceAsync(row, current.ETag, cancellationToken);
            _cache.TryRemove(organization, out _);
            if (written is not null)
            {
                return;
            }

            // Many at once would else meet again and again.
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(10, 20 << Math.Min(tries, 4))), time, cancellationToken);
        }

        throw Http.Problems.Conflict("The selection of backends was changed by other requests.");
    }

    private static BackendSelection SelectionOf(TableEntity? row) => new(row?.GetString("Default"), row?.GetString("Fallback"));
}
