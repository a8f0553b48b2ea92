using System.Text.Json;
using Azure.Data.Tables;
using CasFunctions.Security;
using CasFunctions.Storage;

namespace CasFunctions.Trusts;

/// <summary>
/// Trusts in the table <c>Trusts</c> (partition: the organization; row: the issuer's hash and the trust's id). Nothing is cached: a
/// trust that is removed lets nobody in from then on.
/// </summary>
public sealed class TrustStore(AppStorage storage)
{
    private const string Table = "Trusts";

    /// <summary>Adds a trust.</summary>
    public async Task AddAsync(OidcTrust trust, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var table = await storage.OpenAsync(Table);
        await table.AddUniqueAsync(ToRow(trust), cancellationToken);
    }

    /// <summary>An organization's trusts, the newest first.</summary>
    public async Task<IReadOnlyList<OidcTrust>> ListAsync(string organization, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var rows = await table.QueryAsync<TableEntity>(row => row.PartitionKey == organization, cancellationToken: cancellationToken)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(FromRow).OrderByDescending(trust => trust.CreatedAt)];
    }

    /// <summary>An organization's trusts in an issuer.</summary>
    public async Task<IReadOnlyList<OidcTrust>> FindAsync(string organization, string issuer, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = Rows.StartingWith(organization, KeyPrefix(issuer));
        var rows = await table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(FromRow).Where(trust => string.Equals(trust.Issuer, issuer, StringComparison.Ordinal))];
    }

    /// <summary>Removes a trust; null when the organization has none of this id.</summary>
    public async Task<OidcTrust?> RemoveAsync(string organization, string id, CancellationToken cancellationToken)
    {
        var found = (await ListAsync(organization, cancellationToken))
            .FirstOrDefault(trust => string.Equals(trust.Id, id, StringComparison.Ordinal));
        if (found is not null)
        {
            var table = await storage.OpenAsync(Table);
            await table.DeleteEntityAsync(organization, Key(found), cancellationToken: cancellationToken);
        }

        return found;
    }

    private static string KeyPrefix(string issuer) => Rows.ShortHash(issuer) + "-";

    private static string Key(OidcTrust trust) => KeyPrefix(trust.Issuer) + trust.Id;

    private static TableEntity ToRow(OidcTrust trust) => new(trust.Organization, Key(trust))
    {
        ["Id"] = trust.Id,
        ["Issuer"] = trust.Issuer,
        ["Claims"] = JsonSerializer.Serialize(trust.Claims, StoredJson.Default.IReadOnlyDictionaryStringString),
        ["Audience"] = trust.Audience,
        ["Role"] = trust.Role.ToString(),
        ["Description"] = trust.Description,
        ["CreatedAt"] = trust.CreatedAt,
        ["CreatedBy"] = trust.CreatedBy,
        ["ExpiresAt"] = trust.ExpiresAt,
    };

    private static OidcTrust FromRow(TableEntity row) => new()
    {
        Organization = row.PartitionKey,
        Id = row.GetString("Id"),
        Issuer = row.GetString("Issuer"),
        Claims = JsonSerializer.Deserialize(row.GetString("Claims"), StoredJson.Default.IReadOnlyDictionaryStringString)
            ?? throw new InvalidOperationException("A trust without claims is stored."),
        Audience = row.GetString("Audience"),
        Role = Enum.Parse<Role>(row.GetString("Role")),
        Description = row.GetString("Description"),
        CreatedAt = row.GetDateTimeOffset("CreatedAt") ?? default,
        CreatedBy = row.GetString("CreatedBy"),
        ExpiresAt = row.GetDateTimeOffset("ExpiresAt"),
    };
}
