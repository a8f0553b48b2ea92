using Azure;
using Azure.Data.Tables;
using CasFunctions.Digests;
using CasFunctions.Storage;

namespace CasFunctions.Links;

/// <summary>
/// Links in the table <c>Links</c>, spread over partitions by the first two digits of the id's hash. They live for minutes, so the table
/// stays small and the expired ones are found by reading it.
/// </summary>
public sealed class LinkStore(AppStorage storage)
{
    private const string Table = "Links";

    /// <summary>Writes a link, whether it is there or not.</summary>
    public async Task WriteAsync(DownloadLink link, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        var table = await storage.OpenAsync(Table);
        var row = new TableEntity(PartitionOf(link.IdHash), link.IdHash)
        {
            ["Organization"] = link.Organization,
            ["Digest"] = link.Digest.ToString(),
            ["CreatedBy"] = link.CreatedBy,
            ["CreatedAt"] = link.CreatedAt,
            ["ExpiresAt"] = link.ExpiresAt,
        };
        await table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
    }

    /// <summary>Reads a link, expired or not; null when there is none.</summary>
    /// <param name="id">The id as the client holds it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<DownloadLink?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var hash = DownloadLink.HashOf(id);
        var table = await storage.OpenAsync(Table);
        return await table.FindAsync(PartitionOf(hash), hash, cancellationToken) is { } row ? FromRow(row) : null;
    }

    /// <summary>Removes the links that have expired.</summary>
    public async Task RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = TableClient.CreateQueryFilter($"ExpiresAt le {now}");
        await foreach (var row in table.QueryAsync<TableEntity>(
            filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken))
        {
            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellationToken);
        }
    }

    private static string PartitionOf(string hash) => hash[..2];

    private static DownloadLink FromRow(TableEntity row) => new(
        row.RowKey,
        row.GetString("Organization"),
        Sha256Digest.TryParse(row.GetString("Digest"), out var digest)
            ? digest
            : throw new InvalidDataException("The row of a link has no digest."),
        row.GetString("CreatedBy"),
        row.GetDateTimeOffset("CreatedAt") ?? default,
        row.GetDateTimeOffset("ExpiresAt") ?? default);
}
