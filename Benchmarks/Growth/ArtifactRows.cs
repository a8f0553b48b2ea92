using System.Globalization;
using Azure.Data.Tables;
using CasFunctions.Digests;

namespace CasFunctions.Benchmarks.Growth;

/// <summary>
/// The rows of the index, filled by copying those of one artifact that the service has stored: a hundred at a time, where the service
/// would write them one by one. Whoever uses it looks through the service whether the copies count.
/// </summary>
internal sealed class ArtifactRows
{
    private const int BatchSize = 100;
    private const int BatchesAtOnce = 2;

    private static readonly HashSet<string> SystemProperties = new(StringComparer.Ordinal)
    {
        "PartitionKey", "RowKey", "Timestamp", "odata.etag",
    };

    private readonly TableClient _listing;
    private readonly TableEntity _artifact;
    private readonly TableEntity _listed;
    private readonly string _organization;

    private ArtifactRows(TableClient artifacts, TableClient listing, TableEntity artifact, TableEntity listed)
    {
        Artifacts = artifacts;
        _listing = listing;
        _artifact = artifact;
        _listed = listed;
        _organization = artifact.PartitionKey.Split('|')[0];
    }

    /// <summary>The table of artifacts.</summary>
    public TableClient Artifacts { get; }

    /// <summary>How many artifacts there are.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>Reads the rows of an organization's only artifact.</summary>
    public static async Task<ArtifactRows> ReadAsync(
        string connectionString, string tablePrefix, string organization, CancellationToken cancellationToken)
    {
        var artifacts = new TableClient(connectionString, tablePrefix + "Artifacts");
        var listing = new TableClient(connectionString, tablePrefix + "Listing");
        var own = TableClient.CreateQueryFilter($"PartitionKey ge {organization + "|"} and PartitionKey lt {organization + "}"}");
        return new ArtifactRows(
            artifacts,
            listing,
            await artifacts.QueryAsync<TableEntity>(own, cancellationToken: cancellationToken).FirstAsync(cancellationToken),
            await listing.QueryAsync<TableEntity>(own, cancellationToken: cancellationToken).FirstAsync(cancellationToken));
    }

    /// <summary>The digest of a copy.</summary>
    public static Sha256Digest DigestOf(int number) => Sha256Digest.Of(BitConverter.GetBytes(number));

    /// <summary>Copies until there are so many.</summary>
    public async Task GrowAsync(int count, CancellationToken cancellationToken)
    {
        var numbers = Enumerable.Range(Count, count - Count).ToList();
        var batches = numbers.Select(ArtifactOf).GroupBy(row => row.PartitionKey, StringComparer.Ordinal)
            .SelectMany(partition => partition.Chunk(BatchSize))
            .Select(rows => (Table: Artifacts, Rows: rows))
            .Concat(numbers.Select(ListedOf).Chunk(BatchSize).Select(rows => (Table: _listing, Rows: rows)));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = BatchesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(batches, parallel, async (batch, token) =>
            await batch.Table.SubmitTransactionAsync(
                batch.Rows.Select(row => new TableTransactionAction(TableTransactionActionType.Add, row)), token));
        Count = count;
    }

    /// <summary>Reads a copy's row by its key.</summary>
    public Task ReadAsync(int number, CancellationToken cancellationToken)
    {
        var row = ArtifactOf(number);
        return Artifacts.GetEntityAsync<TableEntity>(row.PartitionKey, row.RowKey, cancellationToken: cancellationToken);
    }

    /// <summary>Finds a copy's row as the service looks for copies: by the beginning of its key.</summary>
    public async Task FindAsync(int number, CancellationToken cancellationToken)
    {
        var row = ArtifactOf(number);
        var start = DigestOf(number).Hex + "|";
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {row.PartitionKey} and RowKey ge {start} and RowKey lt {start + '\uffff'}");
        await foreach (var found in Artifacts.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            _ = found;
        }
    }

    /// <summary>Adds the rows of an artifact that is not there yet, one after the other as the service does.</summary>
    public async Task InsertAsync(int number, CancellationToken cancellationToken)
    {
        await Artifacts.AddEntityAsync(ArtifactOf(number), cancellationToken);
        await _listing.AddEntityAsync(ListedOf(number), cancellationToken);
    }

    /// <summary>Reads the first lines of the listing.</summary>
    public async Task ListAsync(int lines, CancellationToken cancellationToken)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {_listed.PartitionKey}");
        var rows = _listing.QueryAsync<TableEntity>(filter, lines, cancellationToken: cancellationToken);
        await foreach (var page in rows.AsPages(pageSizeHint: lines))
        {
            _ = page;
            break;
        }
    }

    private static TableEntity Copy(TableEntity row, string partition, string key)
    {
        var copy = new TableEntity(partition, key);
        foreach (var (name, value) in row.Where(property => !SystemProperties.Contains(property.Key)))
        {
            copy[name] = value;
        }

        return copy;
    }

    private TableEntity ArtifactOf(int number)
    {
        var hex = DigestOf(number).Hex;
        return Copy(_artifact, $"{_organization}|{hex[..2]}", hex + _artifact.RowKey[hex.Length..]);
    }

    /// <summary>The newest come first, and each copy is a little older than the one before.</summary>
    private TableEntity ListedOf(int number)
    {
        var parts = _listed.RowKey.Split('|');
        var ticks = long.Parse(parts[0], CultureInfo.InvariantCulture) + number;
        var digest = DigestOf(number);
        var row = Copy(_listed, _listed.PartitionKey, $"{ticks.ToString("D19", CultureInfo.InvariantCulture)}|{digest.Hex}|{parts[2]}");
        row["Digest"] = digest.ToString();
        return row;
    }
}
