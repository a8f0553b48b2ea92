using System.Globalization;
using Azure.Data.Tables;
using CasFunctions.Storage;

namespace CasFunctions.Usage;

/// <summary>
/// The table <c>Usage</c> (partition: organization; row: day and backend). All instances add to the same rows. A row remembers the ids of
/// the last shares that were added to it: when the answer to a write is lost, the next try sees whether it was done.
/// </summary>
public sealed class UsageTable(AppStorage storage)
{
    private const string Table = "Usage";
    private const int AddTries = 10;
    private const int Remembered = 64;

    /// <summary>Adds a share to its row, once however often it is called.</summary>
    /// <returns>False when other instances changed the row all the time.</returns>
    internal async Task<bool> TryAddAsync(UsageShare share, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var key = RowOf(share.Key.Day) + share.Key.Backend;
        for (var tries = 0; tries < AddTries; tries++)
        {
            var row = await table.FindAsync(share.Key.Organization, key, cancellationToken);
            if (row is null)
            {
                var first = ToRow(share.Key.Organization, key, share.Counts, share.Id);
                if (await table.TryAddAsync(first, cancellationToken) is not null)
                {
                    return true;
                }

                continue;
            }

            var shares = row.GetString("Shares");
            if (shares.Chunk(UsageMeter.IdLength).Any(id => share.Id.AsSpan().SequenceEqual(id)))
            {
                return true;
            }

            var recent = shares + share.Id;
            recent = recent[Math.Max(0, recent.Length - (Remembered * UsageMeter.IdLength))..];
            var sum = ToRow(share.Key.Organization, key, FromRow(row).Plus(share.Counts), recent);
            if (await table.TryReplaceAsync(sum, row.ETag, cancellationToken) is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads an organization's usage, by day and backend.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="from">The first day.</param>
    /// <param name="to">The last day.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<DayUsage>> ReadAsync(
        string organization, DateOnly from, DateOnly to, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {organization} and RowKey ge {RowOf(from)} and RowKey lt {RowOf(to) + '~'}");
        return await table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken)
            .Select(FromRow)
            .ToListAsync(cancellationToken);
    }

    private static string RowOf(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture) + "|";

    private static TableEntity ToRow(string organization, string key, UsageCounts counts, string shares) => new(organization, key)
    {
        ["Uploads"] = counts.Uploads,
        ["UploadedBytes"] = counts.UploadedBytes,
        ["Deduplicated"] = counts.Deduplicated,
        ["Downloads"] = counts.Downloads,
        ["DownloadedBytes"] = counts.DownloadedBytes,
        ["Failovers"] = counts.Failovers,
        ["VerificationFailures"] = counts.VerificationFailures,
        ["Shares"] = shares,
    };

    private static DayUsage FromRow(TableEntity row) => new()
    {
        Day = DateOnly.ParseExact(row.RowKey.AsSpan(0, 8), "yyyyMMdd", CultureInfo.InvariantCulture),
        Backend = row.RowKey[9..],
        Uploads = row.GetInt64("Uploads") ?? 0,
        UploadedBytes = row.GetInt64("UploadedBytes") ?? 0,
        Deduplicated = row.GetInt64("Deduplicated") ?? 0,
        Downloads = row.GetInt64("Downloads") ?? 0,
        DownloadedBytes = row.GetInt64("DownloadedBytes") ?? 0,
        Failovers = row.GetInt64("Failovers") ?? 0,
        VerificationFailures = row.GetInt64("VerificationFailures") ?? 0,
    };
}
