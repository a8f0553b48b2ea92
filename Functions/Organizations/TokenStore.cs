using System.Collections.Concurrent;
using System.Security.Cryptography;
using Azure.Data.Tables;
using CasFunctions.Http;
using CasFunctions.Security;
using CasFunctions.Storage;

namespace CasFunctions.Organizations;

/// <summary>An API token as the service knows it: everything but the token.</summary>
/// <param name="Organization">Whose it is.</param>
/// <param name="Id">What people call it by.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Role">What it allows.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
public sealed record TokenRecord(
    string Organization, string Id, string Name, Role Role, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt)
{
    /// <summary>True from the moment of expiry on.</summary>
    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;
}

/// <summary>
/// API tokens in the table <c>Tokens</c>. A token has two rows: one found by its hash (partition: the hash's first two digits), which
/// lets it in, and one in its organization's list. The list's row is written first and removed last, so that every token that
/// works can be seen and revoked.
/// </summary>
public sealed class TokenStore(AppStorage storage, TimeProvider time)
{
    private const string Table = "Tokens";

    /// <summary>How long another instance may still accept a token after its revocation.</summary>
    private static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(15);

    private const int CacheSize = 10_000;

    private readonly ConcurrentDictionary<string, (TokenRecord Token, DateTimeOffset Until)> _cache = new(StringComparer.Ordinal);

    /// <summary>Makes a token.</summary>
    /// <returns>The token itself, which is kept nowhere, and its record.</returns>
    public async Task<(string Token, TokenRecord Record)> CreateAsync(
        string organization, string name, Role role, string createdBy, DateTimeOffset? expiresAt, CancellationToken cancellationToken)
    {
        var token = ApiToken.Create();
        var hash = ApiToken.Hash(token);
        var id = RandomNumberGenerator.GetHexString(12, lowercase: true);
        var record = new TokenRecord(organization, id, name, role, time.GetUtcNow(), createdBy, expiresAt);
        var table = await storage.OpenAsync(Table);
        var listed = ToRow(ListPartition(organization), id, record);
        listed["Hash"] = hash;
        await table.AddUniqueAsync(listed, cancellationToken);
        await table.AddUniqueAsync(ToRow(hash[..2], hash, record), cancellationToken);
        return (token, record);
    }

    /// <summary>True when this instance has found a token by this hash before. It may have been revoked or have expired since.</summary>
    public bool HasFound(string hash) => _cache.ContainsKey(hash);

    /// <summary>Finds a token by its hash; null when it is unknown or revoked.</summary>
    public async ValueTask<TokenRecord?> FindAsync(string hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hash);
        var now = time.GetUtcNow();
        if (_cache.TryGetValue(hash, out var cached) && cached.Until > now)
        {
            return cached.Token;
        }

        var table = await storage.OpenAsync(Table);
        if (await table.FindAsync(hash[..2], hash, cancellationToken) is not { } row)
        {
            _cache.TryRemove(hash, out _);
            return null;
        }

        if (_cache.Count >= CacheSize)
        {
            _cache.Clear();
        }

        var record = FromRow(row);
        _cache[hash] = (record, now + CacheTime);
        return record;
    }

    /// <summary>Finds a token by its id, as it is now on all instances; null when it is unknown or revoked.</summary>
    public async Task<TokenRecord?> FindByIdAsync(string organization, string id, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        return await table.FindAsync(ListPartition(organization), id, cancellationToken) is { } row ? FromRow(row) : null;
    }

    /// <summary>An organization's tokens, the newest first.</summary>
    public async Task<IReadOnlyList<TokenRecord>> ListAsync(string organization, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var partition = ListPartition(organization);
        var rows = await table.QueryAsync<TableEntity>(row => row.PartitionKey == partition, cancellationToken: cancellationToken)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(FromRow).OrderByDescending(token => token.CreatedAt)];
    }

    /// <summary>Revokes a token: at once here, within 15 seconds on other instances. False when there is no such token.</summary>
    public async Task<bool> RevokeAsync(string organization, string id, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        if (!DnsLabel.IsValid(id) || await table.FindAsync(ListPartition(organization), id, cancellationToken) is not { } row)
        {
            return false;
        }

        var hash = row.GetString("Hash");
        await table.DeleteEntityAsync(hash[..2], hash, cancellationToken: cancellationToken);
        _cache.TryRemove(hash, out _);
        await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken);
        return true;
    }

    /// <summary>Removes an organization's tokens of a name that have expired, a hundred at most: of those made by the thousand.</summary>
    public async Task RemoveExpiredAsync(string organization, string name, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var partition = ListPartition(organization);
        var now = time.GetUtcNow();
        var expired = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and Name eq {name} and ExpiresAt lt {now}");
        var rows = await table.QueryAsync<TableEntity>(expired, select: ["RowKey"], cancellationToken: cancellationToken)
            .Take(100)
            .ToListAsync(cancellationToken);
        foreach (var row in rows)
        {
            await RevokeAsync(organization, row.RowKey, cancellationToken);
        }
    }

    private static string ListPartition(string organization) => "org|" + organization;

    private static TableEntity ToRow(string partition, string key, TokenRecord token) => new(partition, key)
    {
        ["Organization"] = token.Organization,
        ["Id"] = token.Id,
        ["Name"] = token.Name,
        ["Role"] = token.Role.ToString(),
        ["CreatedAt"] = token.CreatedAt,
        ["CreatedBy"] = token.CreatedBy,
        ["ExpiresAt"] = token.ExpiresAt,
    };

    private static TokenRecord FromRow(TableEntity row) => new(
        row.GetString("Organization"),
        row.GetString("Id"),
        row.GetString("Name"),
        Enum.Parse<Role>(row.GetString("Role")),
        row.GetDateTimeOffset("CreatedAt") ?? default,
        row.GetString("CreatedBy"),
        row.GetDateTimeOffset("ExpiresAt"));
}
