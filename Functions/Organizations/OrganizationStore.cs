using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure.Data.Tables;
using CasFunctions.Http;
using CasFunctions.Storage;

namespace CasFunctions.Organizations;

/// <summary>Organizations in the table <c>Organizations</c> (partition: the name; row: <c>organization</c>).</summary>
public sealed class OrganizationStore(AppStorage storage)
{
    private const string Table = "Organizations";
    private const string Row = "organization";

    /// <summary>Adds an organization. False when the name is taken.</summary>
    public async Task<bool> TryAddAsync(Organization organization, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(organization);
        var table = await storage.OpenAsync(Table);
        return await table.TryAddAsync(ToRow(organization), cancellationToken) is not null;
    }

    /// <summary>Reads an organization; null when there is none.</summary>
    public async Task<Organization?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        return await table.FindAsync(name, Row, cancellationToken) is { } row ? FromRow(row) : null;
    }

    /// <summary>The names of all organizations.</summary>
    public async IAsyncEnumerable<string> NamesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        await foreach (var row in table.QueryAsync<TableEntity>(select: ["PartitionKey"], cancellationToken: cancellationToken))
        {
            yield return row.PartitionKey;
        }
    }

    /// <summary>Changes an organization's owners. Null when there is no such organization.</summary>
    /// <exception cref="ProblemException">409 when another change came in between.</exception>
    public async Task<Organization?> ChangeOwnersAsync(string name, IReadOnlyList<string> owners, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        if (await table.FindAsync(name, Row, cancellationToken) is not { } row)
        {
            return null;
        }

        var changed = FromRow(row) with { Owners = owners };
        return await table.TryReplaceAsync(ToRow(changed), row.ETag, cancellationToken) is null
            ? throw Problems.Conflict("The organization was changed by another request.")
            : changed;
    }

    private static TableEntity ToRow(Organization organization) => new(organization.Name, Row)
    {
        ["Owners"] = JsonSerializer.Serialize(organization.Owners, StoredJson.Default.IReadOnlyListString),
        ["CreatedAt"] = organization.CreatedAt,
    };

    private static Organization FromRow(TableEntity row) => new(
        row.PartitionKey,
        JsonSerializer.Deserialize(row.GetString("Owners"), StoredJson.Default.IReadOnlyListString) ?? [],
        row.GetDateTimeOffset("CreatedAt") ?? default);
}
