using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using CasFunctions.Storage;

namespace CasFunctions.Uploads;

/// <summary>
/// The sessions by the hour in which they expire, in the table <c>SessionExpiry</c> (partition: the hour; row: the id's hash), so that the
/// sweeper need not read the others.
/// </summary>
public sealed class SessionExpiry(AppStorage storage)
{
    private const string Table = "SessionExpiry";

    /// <summary>Adds a session; nothing happens when it is there.</summary>
    public async Task AddAsync(DateTimeOffset expiresAt, string idHash, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        await table.AddUniqueAsync(new TableEntity(HourOf(expiresAt), idHash), cancellationToken);
    }

    /// <summary>The sessions whose hour has begun, those of the earliest first.</summary>
    public async IAsyncEnumerable<ExpiringSession> DueAsync(
        DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = TableClient.CreateQueryFilter($"PartitionKey le {HourOf(now)}");
        await foreach (var row in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            yield return new ExpiringSession(row.PartitionKey, row.RowKey);
        }
    }

    /// <summary>Moves a session to the hour of its new expiry.</summary>
    public async Task MoveAsync(ExpiringSession session, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (HourOf(expiresAt) != session.Hour)
        {
            await AddAsync(expiresAt, session.IdHash, cancellationToken);
            await RemoveAsync(session, cancellationToken);
        }
    }

    /// <summary>Removes a session; nothing happens when it is gone.</summary>
    public Task RemoveAsync(DateTimeOffset expiresAt, string idHash, CancellationToken cancellationToken) =>
        RemoveAsync(new ExpiringSession(HourOf(expiresAt), idHash), cancellationToken);

    /// <summary>Removes a session; nothing happens when it is gone.</summary>
    public async Task RemoveAsync(ExpiringSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var table = await storage.OpenAsync(Table);
        await table.DeleteEntityAsync(session.Hour, session.IdHash, ETag.All, cancellationToken);
    }

    private static string HourOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHH", CultureInfo.InvariantCulture);
}

/// <summary>A session in the index.</summary>
/// <param name="Hour">The hour under which it is.</param>
/// <param name="IdHash">The session's id, hashed.</param>
public sealed record ExpiringSession(string Hour, string IdHash);
