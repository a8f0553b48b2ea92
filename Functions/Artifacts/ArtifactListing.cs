using Azure.Data.Tables;
using CasFunctions.Http;
using CasFunctions.Organizations;
using CasFunctions.Storage;

namespace CasFunctions.Artifacts;

/// <summary>One line of the listing: a name under which a content was uploaded.</summary>
public sealed record ListedArtifact
{
    /// <summary>The content's digest.</summary>
    public required string Digest { get; init; }

    /// <summary>The content's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The file name, if any.</summary>
    public string? Name { get; init; }

    /// <summary>The media type, if any.</summary>
    public string? MediaType { get; init; }

    /// <summary>The backend that it was stored in.</summary>
    public required string Backend { get; init; }

    /// <summary>When it was uploaded under this name.</summary>
    public required DateTimeOffset UploadedAt { get; init; }

    /// <summary>Who uploaded it.</summary>
    public required string UploadedBy { get; init; }
}

/// <summary>A page of the listing.</summary>
/// <param name="Artifacts">The lines, the newest first.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; null on the last one.</param>
public sealed record ArtifactPage(IReadOnlyList<ListedArtifact> Artifacts, string? Next);

/// <summary>Lists an organization's artifacts, the newest first, month by month.</summary>
public sealed class ArtifactListing(AppStorage storage, OrganizationStore organizations, TimeProvider time)
{
    /// <summary>The most lines of a page.</summary>
    public const int MaxPage = 200;

    /// <summary>Reads a page.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="namePrefix">What the name has to start with; null for all.</param>
    /// <param name="after">The previous page's <see cref="ArtifactPage.Next"/>; null for the first page.</param>
    /// <param name="limit">The most lines, up to <see cref="MaxPage"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">400 when <paramref name="after"/> is none of ours.</exception>
    public async Task<ArtifactPage> ReadAsync(
        string organization, string? namePrefix, string? after, int limit, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(ArtifactIndex.ListingTable);
        var owner = await organizations.FindAsync(organization, cancellationToken);

        // Another instance's clock may run ahead of ours across the turn of a month.
        var newest = ListingCursor.MonthOf(time.GetUtcNow() + TimeSpan.FromHours(1));
        var oldest = ListingCursor.MonthOf((owner?.CreatedAt ?? newest) - TimeSpan.FromHours(1));
        var (month, afterRow) = after is null ? new ListingCursor(newest, "") : ReadCursor(after, newest);
        var lines = new List<ListedArtifact>();
        for (; month >= oldest; month = month.AddMonths(-1), afterRow = "")
        {
            await foreach (var row in table.QueryAsync<TableEntity>(
                Filter(organization, month, afterRow, namePrefix), limit + 1, null, cancellationToken))
            {
                if (lines.Count == limit)
                {
                    return new ArtifactPage(lines, $"{new ListingCursor(ListingCursor.MonthOf(lines[^1].UploadedAt), afterRow)}");
                }

                lines.Add(FromRow(row));
                afterRow = row.RowKey;
            }

            if (lines.Count == limit && month > oldest)
            {
                return new ArtifactPage(lines, $"{new ListingCursor(month, afterRow)}");
            }
        }

        return new ArtifactPage(lines, null);
    }

    private static string Filter(string organization, DateTimeOffset month, string afterRow, string? namePrefix)
    {
        var partition = ArtifactIndex.ListingPartition(organization, month);
        var rows = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {afterRow}");
        return string.IsNullOrEmpty(namePrefix)
            ? rows
            : rows + " and " + TableClient.CreateQueryFilter($"Name ge {namePrefix} and Name lt {namePrefix + '\uffff'}");
    }

    private static ListingCursor ReadCursor(string text, DateTimeOffset newest) =>
        ListingCursor.Parse(text) is { } cursor && cursor.Month <= newest
            ? cursor
            : throw Problems.InvalidRequest("after", "Give the value of 'next' from the page before.");

    private static ListedArtifact FromRow(TableEntity row) => new()
    {
        Digest = row.GetString("Digest"),
        Size = row.GetInt64("Size") ?? 0,
        Name = row.GetString("Name"),
        MediaType = row.GetString("MediaType"),
        Backend = row.GetString("Backend"),
        UploadedAt = row.GetDateTimeOffset("UploadedAt") ?? default,
        UploadedBy = row.GetString("UploadedBy"),
    };
}
