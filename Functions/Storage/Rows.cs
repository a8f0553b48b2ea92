using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;

namespace CasFunctions.Storage;

/// <summary>Reading and writing rows without exceptions for what is foreseen.</summary>
public static class Rows
{
    /// <summary>Reads one row; null when there is none.</summary>
    public static async Task<TableEntity?> FindAsync(
        this TableClient table, string partition, string row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        var answer = await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellationToken);
        return answer.HasValue ? answer.Value : null;
    }

    /// <summary>Adds a row; null when one is there already, its ETag otherwise.</summary>
    public static async Task<ETag?> TryAddAsync(this TableClient table, TableEntity row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        try
        {
            var answer = await table.AddEntityAsync(row, cancellationToken);
            return answer.Headers.ETag;
        }
        catch (RequestFailedException failure) when (failure.Status == 409 && failure.ErrorCode == "EntityAlreadyExists")
        {
            return null;
        }
    }

    /// <summary>
    /// Adds a row whose key holds a random part that was just made up: a row that is there is this one, written by a try whose answer was
    /// lost.
    /// </summary>
    public static async Task AddUniqueAsync(this TableClient table, TableEntity row, CancellationToken cancellationToken) =>
        await table.TryAddAsync(row, cancellationToken);

    /// <summary>Replaces a row that is still as it was read; null when it has changed or gone, its new ETag otherwise.</summary>
    public static async Task<ETag?> TryReplaceAsync(this TableClient table, TableEntity row, ETag etag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        try
        {
            var answer = await table.UpdateEntityAsync(row, etag, TableUpdateMode.Replace, cancellationToken);
            return answer.Headers.ETag;
        }
        catch (RequestFailedException failure) when (failure.Status is 404 or 412)
        {
            return null;
        }
    }

    /// <summary>Deletes a row that is still as it was read, or gone; false when it has changed.</summary>
    public static async Task<bool> TryDeleteAsync(
        this TableClient table, string partition, string row, ETag etag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(table);
        try
        {
            await table.DeleteEntityAsync(partition, row, etag, cancellationToken);
            return true;
        }
        catch (RequestFailedException failure) when (failure.Status == 412)
        {
            return false;
        }
    }

    /// <summary>The rows whose row key starts with a prefix, in one partition.</summary>
    public static string StartingWith(string partition, string prefix) =>
        TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {prefix} and RowKey lt {prefix + '\uffff'}");

    /// <summary>A row key part that sorts the newest first.</summary>
    public static string NewestFirst(DateTimeOffset time) =>
        (DateTimeOffset.MaxValue.UtcTicks - time.UtcTicks).ToString("D19", CultureInfo.InvariantCulture);

    /// <summary>A short, well-spread key for any text, 16 hexadecimal digits.</summary>
    public static string ShortHash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
}
