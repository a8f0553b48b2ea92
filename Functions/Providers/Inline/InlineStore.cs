using System.Buffers;
using System.Globalization;
using Azure;
using Azure.Data.Tables;
using CasFunctions.Digests;
using CasFunctions.Storage;

namespace CasFunctions.Providers.Inline;

/// <summary>
/// One organization's inline content in the table <c>Inline</c> (partition: organization and the digest's first two digits; row: the
/// digest). The content is in binary properties of 64 KiB, the most that one may hold.
/// </summary>
public sealed class InlineStore(AppStorage storage, string organization) : IBlobStore
{
    private const string Table = "Inline";
    private const int PropertySize = 64 * 1024;

    /// <inheritdoc/>
    public Task<CommitOutcome> PutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        if (content.Length > InlineProvider.MaxSize)
        {
            throw new ProviderException(ProviderErrorKind.Rejected, "The inline backend takes at most 500 KiB.");
        }

        return RunAsync(async () =>
        {
            var row = new TableEntity(PartitionOf(blob.Digest), blob.Digest.Hex) { ["Size"] = content.Length, ["Nonce"] = blob.Nonce };
            for (var rest = content; rest.Length > 0;)
            {
                var piece = rest.Slice(0, Math.Min(PropertySize, rest.Length));
                row[PropertyName((int)((content.Length - rest.Length) / PropertySize))] = piece.ToArray();
                rest = rest.Slice(piece.End);
            }

            var table = await storage.OpenAsync(Table);
            await table.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
            return CommitOutcome.Committed;
        });
    }

    /// <inheritdoc/>
    public Task<IBlobUpload> OpenUploadAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken) =>
        throw new ProviderException(ProviderErrorKind.Rejected, "The inline backend takes no content in parts.");

    /// <inheritdoc/>
    public Task<StoredBlob?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken) => RunAsync(async () =>
    {
        var row = await FindRowAsync(digest, cancellationToken);
        return row is null ? null : new StoredBlob(row.GetInt64("Size") ?? 0, row.GetString("Nonce"));
    });

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(
        Sha256Digest digest, long offset, long length, CancellationToken cancellationToken) => RunAsync<Stream>(async () =>
    {
        var row = await FindRowAsync(digest, cancellationToken)
            ?? throw new ProviderException(ProviderErrorKind.BlobNotFound, "The inline backend has no such content.");
        var content = new MemoryStream();
        for (var i = 0; row.GetBinary(PropertyName(i)) is { } piece; i++)
        {
            content.Write(piece);
        }

        var start = (int)Math.Min(offset, content.Length);
        return new MemoryStream(content.GetBuffer(), start, (int)Math.Min(length, content.Length - start), writable: false);
    });

    /// <inheritdoc/>
    public Task ProbeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string PropertyName(int index) => "Content" + index.ToString("D2", CultureInfo.InvariantCulture);

    private static async Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RequestFailedException failure)
        {
            throw new ProviderException(ProviderErrorKind.Unavailable, "The service's own storage is unavailable.", failure);
        }
    }

    private string PartitionOf(Sha256Digest digest) => $"{organization}|{digest.Hex[..2]}";

    private async Task<TableEntity?> FindRowAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var table = await storage.OpenAsync(Table);
        return await table.FindAsync(PartitionOf(digest), digest.Hex, cancellationToken);
    }
}
