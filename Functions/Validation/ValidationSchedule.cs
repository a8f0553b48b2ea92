using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using CasFunctions.Backends;
using CasFunctions.Storage;

namespace CasFunctions.Validation;

/// <summary>
/// When which backend is to be checked. Table <c>Due</c> (partition: the minute; row: organization and backend). A backend's own row says
/// when it is due; an entry here that says otherwise is left over and only leads to a look at that row.
/// </summary>
public sealed class ValidationSchedule(AppStorage storage)
{
    private const string Table = "Due";
    private const string MinuteFormat = "yyyyMMddHHmm";

    /// <summary>Enters a backend at a time. May be repeated.</summary>
    public async Task AddAsync(string organization, string backend, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        await table.UpsertEntityAsync(
            new TableEntity(MinuteOf(at), $"{organization}|{backend}"), TableUpdateMode.Replace, cancellationToken);
    }

    /// <summary>Enters a backend at the time that its row says.</summary>
    public Task AddAsync(Backend backend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return backend.DueAt is { } at ? AddAsync(backend.Organization, backend.Name, at, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>The entries that are due, the oldest first.</summary>
    public async IAsyncEnumerable<ScheduledCheck> ListDueAsync(
        DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = TableClient.CreateQueryFilter($"PartitionKey le {MinuteOf(now)}");
        await foreach (var row in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            var separator = row.RowKey.IndexOf('|', StringComparison.Ordinal);
            yield return new(row.PartitionKey, row.RowKey[..separator], row.RowKey[(separator + 1)..]);
        }
    }

    /// <summary>Removes an entry. One that is gone counts as removed.</summary>
    public async Task RemoveAsync(ScheduledCheck check, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(check);
        var table = await storage.OpenAsync(Table);
        await table.DeleteEntityAsync(check.Minute, $"{check.Organization}|{check.Backend}", cancellationToken: cancellationToken);
    }

    /// <summary>The minute that a time falls into, as entries write it.</summary>
    internal static string MinuteOf(DateTimeOffset time) => time.UtcDateTime.ToString(MinuteFormat, CultureInfo.InvariantCulture);
}

/// <summary>An entry of the schedule.</summary>
/// <param name="Minute">The minute in UTC, as <c>yyyyMMddHHmm</c>.</param>
/// <param name="Organization">The organization.</param>
/// <param name="Backend">The backend's name.</param>
public sealed record ScheduledCheck(string Minute, string Organization, string Backend);
