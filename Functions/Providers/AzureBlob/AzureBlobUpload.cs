using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace CasFunctions.Providers.AzureBlob;

/// <summary>
/// Blocks that wait for their commit. Azure keeps ONE list of uncommitted blocks per blob for all writers, so every request marks its
/// block ids with a nonce of its own; the first commit of a digest drops the blocks of everybody else.
/// </summary>
public sealed class AzureBlobUpload : IBlobUpload
{
    private readonly BlockBlobClient _client;
    private readonly BlobDescriptor _blob;
    private readonly ulong _nonce = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    internal AzureBlobUpload(BlockBlobClient client, BlobDescriptor blob)
    {
        _client = client;
        _blob = blob;
    }

    /// <inheritdoc/>
    /// <remarks>Azure needs none: the blocks' ids are the parts' tags.</remarks>
    public string UploadId => "";

    /// <inheritdoc/>
    public int MaxPartsInFlight => 3;

    /// <inheritdoc/>
    public bool CanResume => true;

    /// <inheritdoc/>
    public Task<string> WritePartAsync(
        int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken) => AzureBlobStore.RunAsync(
        async token =>
        {
            var id = BlockId(_nonce, number);
            await using var stream = new SequenceStream(content);
            await _client.StageBlockAsync(id, stream, cancellationToken: token);
            return id;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<CommitOutcome> CommitAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return AzureBlobStore.RunAsync(
            async token =>
            {
                try
                {
                    var options = new CommitBlockListOptions
                    {
                        HttpHeaders = AzureBlobStore.HeadersOf(_blob),
                        Metadata = AzureBlobStore.MetadataOf(_blob),
                    };
                    await _client.CommitBlockListAsync(tags, options, token);
                    return CommitOutcome.Committed;
                }
                catch (RequestFailedException failure) when (
                    failure.ErrorCode == BlobErrorCode.InvalidBlockList || AzureBlobFailures.ForbidsOverwriting(failure))
                {
                    return CommitOutcome.Displaced;
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Blocks can't be dropped one by one, and an empty block list would publish an empty blob and drop everybody's. Azure
    /// collects them after a week.
    /// </remarks>
    public Task<bool> AbortAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A block id: 12 bytes in base64, because all ids of one blob must have the same length.</summary>
    internal static string BlockId(ulong nonce, int number)
    {
        Span<byte> id = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64BigEndian(id, nonce);
        BinaryPrimitives.WriteInt32BigEndian(id[8..], number);
        return Convert.ToBase64String(id);
    }
}
