using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Storage;

namespace CasFunctions.Artifacts;

/// <summary>
/// What is stored where. Table <c>Artifacts</c> (partition: organization and the digest's first two digits; row: digest and backend) is the
/// truth; table <c>Listing</c> (partition: organization and month; row: inverted time, digest, name) is written after it, and again by the
/// next upload of the same name should it be missing.
/// </summary>
public sealed class ArtifactIndex(AppStorage storage, GroupCommit groups)
{
    private const string Table = "Artifacts";
    private const int ChangeTries = 10;

    /// <summary>A row's labels are one property, which may hold 32 Ki characters.</summary>
    private const int MaxLabelsLength = 30_000;

    /// <summary>All copies of a content in an organization, corrupt ones included.</summary>
    public async Task<IReadOnlyList<ArtifactCopy>> FindAsync(string organization, Sha256Digest digest, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = Rows.StartingWith(PartitionOf(organization, digest), digest.Hex + "|");
        return await table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken)
            .Select(FromRow)
            .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Records a copy that was just proven and stored. A row that is there is renewed: its labels are kept, its corruption is healed.
    /// </summary>
    /// <param name="copy">The copy, with the label of this upload.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ArtifactCopy> RecordAsync(ArtifactCopy copy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(copy);
        ArtifactCopy? known = null;
        var label = copy.Labels[0];
        var table = await storage.OpenAsync(Table);
        for (var tries = 0; tries < ChangeTries; tries++)
        {
            if (known is null)
            {
                if (await table.TryAddAsync(ToRow(copy), cancellationToken) is { } added)
                {
                    await ListAsync(copy, label, isNew: true, cancellationToken);
                    return copy with { ETag = added };
                }
            }
            else
            {
                var (labels, effective) = WithLabel(known.Labels, label);
                var renewed = known with { Labels = labels, VerifiedAt = copy.VerifiedAt, CorruptSince = null, Size = copy.Size };
                if (await table.TryReplaceAsync(ToRow(renewed), known.ETag, cancellationToken) is { } replaced)
                {
                    await ListAsync(renewed, effective, isNew: false, cancellationToken);
                    return renewed with { ETag = replaced };
                }
            }

            known = await table.FindAsync(PartitionOf(copy.Organization, copy.Digest), RowOf(copy), cancellationToken) is { } row
                ? FromRow(row)
                : null;
        }

        throw Problems.Conflict("The artifact was changed by other requests all the time.");
    }

    /// <summary>Adds the name of an upload whose content was there already.</summary>
    public async Task<ArtifactCopy> AddLabelAsync(ArtifactCopy copy, ArtifactLabel label, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(copy);
        ArgumentNullException.ThrowIfNull(label);
        var table = await storage.OpenAsync(Table);
        for (var tries = 0; tries < ChangeTries; tries++)
        {
            var (labels, effective) = WithLabel(copy.Labels, label);
            var changed = copy with { Labels = labels };
            if (!ReferenceEquals(labels, copy.Labels))
            {
                if (await table.TryReplaceAsync(ToRow(changed), copy.ETag, cancellationToken) is not { } etag)
                {
                    var row = await table.FindAsync(PartitionOf(copy.Organization, copy.Digest), RowOf(copy), cancellationToken);
                    copy = row is null ? throw Problems.Conflict("The artifact was removed meanwhile.") : FromRow(row);
                    continue;
                }

                changed = changed with { ETag = etag };
            }

            await ListAsync(changed, effective, isNew: false, cancellationToken);
            return changed;
        }

        throw Problems.Conflict("The artifact was changed by other requests all the time.");
    }

    /// <summary>Marks a copy as altered at its backend. Nothing happens when the row has changed since it was read.</summary>
    public async Task MarkCorruptAsync(ArtifactCopy copy, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(copy);
        var table = await storage.OpenAsync(Table);
        await table.TryReplaceAsync(ToRow(copy with { CorruptSince = copy.CorruptSince ?? since }), copy.ETag, cancellationToken);
    }

    /// <summary>Notes that a copy was read and is right. Nothing happens when the row has changed since it was read.</summary>
    public async Task MarkRightAsync(ArtifactCopy copy, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(copy);
        var table = await storage.OpenAsync(Table);
        await table.TryReplaceAsync(ToRow(copy with { VerifiedAt = at, CorruptSince = null }), copy.ETag, cancellationToken);
    }

    /// <summary>Notes that a copy could not be read. Nothing happens when the row has changed since it was read.</summary>
    public async Task MarkUnreadableAsync(ArtifactCopy copy, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(copy);
        var table = await storage.OpenAsync(Table);
        await table.TryReplaceAsync(ToRow(copy with { UnreadableAt = at }), copy.ETag, cancellationToken);
    }

    /// <summary>Lists copies of all organizations in the index's own order.</summary>
    /// <param name="after">Where the window before ended; null for the beginning.</param>
    /// <param name="limit">How many copies.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The copies, and where the next window begins; null when these were the last.</returns>
    public async Task<(IReadOnlyList<ArtifactCopy> Copies, string? Next)> ListWindowAsync(
        string? after, int limit, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var filter = after?.Split('\n', 2) is [var partition, var row]
            ? TableClient.CreateQueryFilter($"PartitionKey gt {partition} or (PartitionKey eq {partition} and RowKey gt {row})")
            : "";
        var copies = await table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken)
            .Take(limit)
            .Select(FromRow)
            .ToListAsync(cancellationToken);
        return (copies, copies.Count < limit ? null : $"{PartitionOf(copies[^1].Organization, copies[^1].Digest)}\n{RowOf(copies[^1])}");
    }

    /// <summary>Counts the artifacts that a backend holds, up to a limit.</summary>
    public async Task<int> CountAsync(string organization, string backend, int limit, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        return await table.QueryAsync<TableEntity>(HeldBy(organization, backend), null, ["RowKey"], cancellationToken)
            .Take(limit)
            .CountAsync(cancellationToken);
    }

    /// <summary>
    /// Forgets the artifacts that a backend holds. Where another backend has them, their names go over to that copy, and with them the
    /// lines of the listing; all other lines go.
    /// </summary>
    /// <returns>How many were forgotten, at most the limit.</returns>
    public async Task<int> ForgetAsync(string organization, string backend, int limit, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        var forgotten = 0;
        var held = table.QueryAsync<TableEntity>(HeldBy(organization, backend), cancellationToken: cancellationToken);
        await foreach (var row in held.Take(limit))
        {
            var copy = FromRow(row);
            var copies = await FindAsync(organization, copy.Digest, cancellationToken);
            var heir = copies.FirstOrDefault(other => other.Backend != backend);
            foreach (var label in copy.Labels)
            {
                heir = await HandOverAsync(copy, label, heir, cancellationToken);
            }

            await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken);
            forgotten++;
        }

        return forgotten;
    }

    /// <summary>The listing's table, for <see cref="ArtifactListing"/>.</summary>
    internal const string ListingTable = "Listing";

    internal static string ListingPartition(string organization, DateTimeOffset month) =>
        $"{organization}|{month.UtcDateTime.ToString("yyyyMM", CultureInfo.InvariantCulture)}";

    private static (IReadOnlyList<ArtifactLabel> Labels, ArtifactLabel Effective) WithLabel(
        IReadOnlyList<ArtifactLabel> labels, ArtifactLabel label)
    {
        if (labels.FirstOrDefault(known => known.Name == label.Name && known.MediaType == label.MediaType) is { } same)
        {
            return (labels, same);
        }

        // The first name stays; of the others the oldest go when there are too many. The listing keeps all.
        List<ArtifactLabel> more = [.. labels, label];
        while (more.Count > 2 && Write(more).Length > MaxLabelsLength)
        {
            more.RemoveAt(1);
        }

        return (more, label);
    }

    /// <summary>Gives a name of a copy that is forgotten to another one, or takes it from the listing.</summary>
    /// <returns>The other copy with the name; null when there is none.</returns>
    private async Task<ArtifactCopy?> HandOverAsync(
        ArtifactCopy copy, ArtifactLabel label, ArtifactCopy? heir, CancellationToken cancellationToken)
    {
        var line = ListingRow(copy, label);
        heir = heir is null ? null : await AddLabelAsync(heir, label, cancellationToken);
        if (heir is null || !heir.Labels.Any(kept => ListingRow(heir, kept) == line))
        {
            var listing = await storage.OpenAsync(ListingTable);
            await listing.DeleteEntityAsync(ListingPartition(copy.Organization, label.At), line, cancellationToken: cancellationToken);
        }

        return heir;
    }

    private static string Write(IReadOnlyList<ArtifactLabel> labels) =>
        JsonSerializer.Serialize(labels, StoredJson.Default.IReadOnlyListArtifactLabel);

    private static string PartitionOf(string organization, Sha256Digest digest) => $"{organization}|{digest.Hex[..2]}";

    private static string HeldBy(string organization, string backend) =>
        TableClient.CreateQueryFilter(
            $"PartitionKey ge {organization + "|"} and PartitionKey lt {organization + "}"} and Backend eq {backend}");

    private static string ListingRow(ArtifactCopy copy, ArtifactLabel label) =>
        $"{Rows.NewestFirst(label.At)}|{copy.Digest.Hex}|{Rows.ShortHash(label.Name + "\n" + label.MediaType)}";

    private static string RowOf(ArtifactCopy copy) => $"{copy.Digest.Hex}|{copy.Backend}";

    private static TableEntity ToRow(ArtifactCopy copy) => new(PartitionOf(copy.Organization, copy.Digest), RowOf(copy))
    {
        ["Backend"] = copy.Backend,
        ["Size"] = copy.Size,
        ["Labels"] = Write(copy.Labels),
        ["BackendReason"] = copy.BackendReason,
        ["UploadedBy"] = copy.UploadedBy,
        ["UploadedAt"] = copy.UploadedAt,
        ["VerifiedAt"] = copy.VerifiedAt,
        ["UnreadableAt"] = copy.UnreadableAt,
        ["CorruptSince"] = copy.CorruptSince,
    };

    private static ArtifactCopy FromRow(TableEntity row) => new()
    {
        Organization = row.PartitionKey[..row.PartitionKey.LastIndexOf('|')],
        Digest = Sha256Digest.TryParseHex(row.RowKey.AsSpan(0, 64), out var digest)
            ? digest
            : throw new InvalidDataException("An artifact row has no digest."),
        Backend = row.RowKey[65..],
        Size = row.GetInt64("Size") ?? 0,
        Labels = JsonSerializer.Deserialize(row.GetString("Labels"), StoredJson.Default.IReadOnlyListArtifactLabel) ?? [],
        BackendReason = row.GetString("BackendReason"),
        UploadedBy = row.GetString("UploadedBy"),
        UploadedAt = row.GetDateTimeOffset("UploadedAt") ?? default,
        VerifiedAt = row.GetDateTimeOffset("VerifiedAt") ?? default,
        UnreadableAt = row.GetDateTimeOffset("UnreadableAt"),
        CorruptSince = row.GetDateTimeOffset("CorruptSince"),
        ETag = row.ETag,
    };

    /// <summary>Writes the listing's row, whose key depends on nothing but the label: repeating it changes nothing.</summary>
    private Task ListAsync(ArtifactCopy copy, ArtifactLabel label, bool isNew, CancellationToken cancellationToken)
    {
        var row = new TableEntity(ListingPartition(copy.Organization, label.At), ListingRow(copy, label))
        {
            ["Digest"] = copy.Digest.ToString(),
            ["Size"] = copy.Size,
            ["Name"] = label.Name,
            ["MediaType"] = label.MediaType,
            ["Backend"] = copy.Backend,
            ["UploadedAt"] = label.At,
            ["UploadedBy"] = label.By,
        };
        return groups.UpsertAsync(ListingTable, row, isNew, cancellationToken);
    }
}
