using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using CasFunctions.Http;
using CasFunctions.Storage;

namespace CasFunctions.Audit;

/// <summary>The table <c>Audit</c>, whose keys are explained at <see cref="AuditKey"/>.</summary>
public sealed class AuditTable(AppStorage storage)
{
    /// <summary>The most rows of one transaction.</summary>
    public const int MaxBatch = 100;

    /// <summary>The most events of a page.</summary>
    public const int MaxPage = 200;

    private const string Table = "Audit";
    private const int MaxText = 256;
    private const int MaxDetails = 16;
    private const int MaxCursor = 100;

    /// <summary>Writes events of one partition, at most <see cref="MaxBatch"/>, all or none. Repeating it changes nothing.</summary>
    public async Task WriteAsync(IReadOnlyList<TableEntity> rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var table = await storage.OpenAsync(Table);
        if (rows is [var single])
        {
            await table.AddUniqueAsync(single, cancellationToken);
            return;
        }

        try
        {
            await table.SubmitTransactionAsync(
                rows.Select(row => new TableTransactionAction(TableTransactionActionType.Add, row)), cancellationToken);
        }
        catch (RequestFailedException failure) when (failure.Status == 409 && failure.ErrorCode == "EntityAlreadyExists")
        {
            // Keys have a random part: these are the same events, written by a try whose answer was lost.
        }
    }

    /// <summary>Reads a page, the newest event first.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="action">Only events of this action; null for all.</param>
    /// <param name="after">The previous page's <see cref="AuditPage.Next"/>; null for the first page.</param>
    /// <param name="limit">The most events, up to <see cref="MaxPage"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">400 when <paramref name="after"/> is none of ours.</exception>
    public async Task<AuditPage> ReadAsync(
        string organization, string? action, string? after, int limit, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var start = after is null ? null : ReadCursor(after);
        var events = new List<AuditEntry>();
        AuditKey? last = null;
        foreach (var range in Ranges(organization, start))
        {
            var filter = action is null ? range : $"{range} and {TableClient.CreateQueryFilter($"Action eq {action}")}";
            await foreach (var row in table.QueryAsync<TableEntity>(filter, limit + 1, null, cancellationToken))
            {
                if (events.Count == limit)
                {
                    return new AuditPage(events, Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{last}")));
                }

                events.Add(FromRow(row));
                last = new AuditKey(row.PartitionKey[(organization.Length + 1)..], row.RowKey);
            }
        }

        return new AuditPage(events, null);
    }

    /// <summary>Deletes an organization's events of the days before a day. Repeating it, also at the same time, does no harm.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="day">A moment of the first day to keep.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The number of events deleted.</returns>
    public async Task<int> DeleteBeforeAsync(string organization, DateTimeOffset day, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = LaterDays(organization, AuditKey.DayOf(day));
        var deleted = 0;
        await foreach (var page in table.QueryAsync<TableEntity>(filter, null, ["PartitionKey", "RowKey"], cancellationToken).AsPages())
        {
            var partitions = page.Values.GroupBy(row => row.PartitionKey, StringComparer.Ordinal);
            foreach (var batch in partitions.SelectMany(rows => rows.Chunk(MaxBatch)))
            {
                await DeleteAsync(table, batch, cancellationToken);
                deleted += batch.Length;
            }
        }

        return deleted;
    }

    /// <summary>The row of an event.</summary>
    internal static TableEntity ToRow(AuditEvent happened, DateTimeOffset at)
    {
        var key = AuditKey.NewAt(at);
        var details = happened.Details?.Take(MaxDetails)
            .ToDictionary(detail => detail.Key, detail => Cut(detail.Value), StringComparer.Ordinal);
        return new TableEntity(AuditKey.PartitionOf(happened.Organization, key.Day), key.Row)
        {
            ["At"] = at,
            ["Actor"] = Cut(happened.Actor),
            ["Action"] = happened.Action,
            ["Subject"] = Cut(happened.Subject),
            ["Details"] = details is null ? null : JsonSerializer.Serialize(details, StoredJson.Default.IReadOnlyDictionaryStringString),
        };
    }

    /// <summary>
    /// The key ranges behind a place: the rest of its day, then the days before. Two ranges, because the table service scans the whole
    /// table for a condition with "or".
    /// </summary>
    private static IEnumerable<string> Ranges(string organization, AuditKey? start)
    {
        if (start is null)
        {
            yield return LaterDays(organization, "");
            yield break;
        }

        var partition = AuditKey.PartitionOf(organization, start.Day);
        yield return TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {start.Row}");
        yield return LaterDays(organization, start.Day);
    }

    private static string LaterDays(string organization, string invertedDay) => TableClient.CreateQueryFilter(
        $"PartitionKey gt {AuditKey.PartitionOf(organization, invertedDay)} and PartitionKey lt {AuditKey.EndOf(organization)}");

    private static AuditKey ReadCursor(string cursor) =>
        (cursor.Length <= MaxCursor && Base64Url.IsValid(cursor)
            ? AuditKey.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)))
            : null)
        ?? throw Problems.InvalidRequest("after", "Give the value of 'next' from the page before.");

    private static async Task DeleteAsync(TableClient table, TableEntity[] rows, CancellationToken cancellationToken)
    {
        try
        {
            await table.SubmitTransactionAsync(
                rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken);
        }
        catch (RequestFailedException failure) when (failure.Status == 404)
        {
            // Another run has deleted some of them, and with that the transaction failed; one by one it doesn't matter.
            foreach (var row in rows)
            {
                await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellationToken);
            }
        }
    }

    /// <summary>Cuts a text, but not in the middle of a character.</summary>
    private static string Cut(string text) =>
        text.Length <= MaxText ? text : text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];

    private static AuditEntry FromRow(TableEntity row) => new(
        row.GetDateTimeOffset("At") ?? default,
        row.GetString("Actor"),
        row.GetString("Action"),
        row.GetString("Subject"),
        row.GetString("Details") is { } details
            ? JsonSerializer.Deserialize(details, StoredJson.Default.IReadOnlyDictionaryStringString)
            : null);
}
