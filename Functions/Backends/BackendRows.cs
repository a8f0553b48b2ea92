using System.Text.Json;
using Azure.Data.Tables;
using CasFunctions.Storage;

namespace CasFunctions.Backends;

/// <summary>How backends are written into the table <c>Backends</c>.</summary>
internal static class BackendRows
{
    /// <summary>Makes a row of a backend.</summary>
    public static TableEntity ToRow(Backend backend) => new(backend.Organization, backend.Name)
    {
        ["Provider"] = backend.Provider,
        ["Location"] = backend.Location,
        ["Settings"] = backend.Settings,
        ["SecretName"] = backend.SecretName,
        ["SecretVersion"] = backend.SecretVersion,
        ["Description"] = backend.Description,
        ["MaxBytes"] = backend.MaxBytes,
        ["Status"] = backend.Status.ToString(),
        ["StatusReason"] = backend.StatusReason,
        ["StatusSince"] = backend.StatusSince,
        ["CheckedAt"] = backend.CheckedAt,
        ["CreatedAt"] = backend.CreatedAt,
        ["ArchivedAt"] = backend.ArchivedAt,
        ["DeletedAt"] = backend.DeletedAt,
        ["DueAt"] = backend.DueAt,
        ["Notices"] = JsonSerializer.Serialize(backend.Notices, StoredJson.Default.IReadOnlyListOwnerNotice),
    };

    /// <summary>Reads a backend from its row.</summary>
    public static Backend FromRow(TableEntity row) => new()
    {
        Organization = row.PartitionKey,
        Name = row.RowKey,
        Provider = row.GetString("Provider"),
        Location = row.GetString("Location"),
        Settings = row.GetString("Settings"),
        SecretName = row.GetString("SecretName"),
        SecretVersion = row.GetString("SecretVersion"),
        Description = row.GetString("Description") ?? "",
        MaxBytes = row.GetInt64("MaxBytes") ?? 0,
        Status = Enum.Parse<BackendStatus>(row.GetString("Status")),
        StatusReason = row.GetString("StatusReason"),
        StatusSince = row.GetDateTimeOffset("StatusSince") ?? default,
        CheckedAt = row.GetDateTimeOffset("CheckedAt"),
        CreatedAt = row.GetDateTimeOffset("CreatedAt") ?? default,
        ArchivedAt = row.GetDateTimeOffset("ArchivedAt"),
        DeletedAt = row.GetDateTimeOffset("DeletedAt"),
        DueAt = row.GetDateTimeOffset("DueAt"),
        Notices = row.GetString("Notices") is { } notices
            ? JsonSerializer.Deserialize(notices, StoredJson.Default.IReadOnlyListOwnerNotice) ?? []
            : [],
        ETag = row.ETag,
    };
}
