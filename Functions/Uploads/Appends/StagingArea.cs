using System.Buffers;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Providers.AzureBlob;
using CasFunctions.Storage;

namespace CasFunctions.Uploads.Appends;

/// <summary>
/// What sessions keep in the service's own blob container <c>staging</c>, each below the hash of its id: the parked bytes behind the last
/// full part, and whole contents for backends that take a content in one request only.
/// </summary>
public sealed class StagingArea(AppStorage storage, UploadMemory memory)
{
    private const string ContentName = "content";

    /// <summary>Parks bytes.</summary>
    /// <param name="session">The session, whose epoch becomes part of the name: no append overwrites what another has parked.</param>
    /// <param name="offset">Where the bytes end in the content.</param>
    /// <param name="bytes">The bytes, less than a part.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The name for <see cref="LoadAsync"/>.</returns>
    public async Task<string> ParkAsync(
        UploadSession session, long offset, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"tail-{session.Epoch}-{offset}");
        var blob = await OpenAsync(session.IdHash, name);
        await using var stream = new SequenceStream(bytes);

        // The SDK sends what is shorter than this in one request.
        var options = new BlobUploadOptions { TransferOptions = new() { InitialTransferSize = bytes.Length + 1, MaximumConcurrency = 1 } };
        await blob.UploadAsync(stream, options, cancellationToken);
        return name;
    }

    /// <summary>Reads what a session has parked.</summary>
    /// <returns>The bytes; empty when nothing is parked.</returns>
    /// <exception cref="ProblemException">503: no buffer memory.</exception>
    public async Task<PartBuffer> LoadAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var part = new PartBuffer(memory);
        if (session.Tail is not { } name)
        {
            return part;
        }

        try
        {
            var blob = await OpenAsync(session.IdHash, name);
            BlobDownloadStreamingResult parked = await blob.DownloadStreamingAsync(cancellationToken: cancellationToken);
            await using var stream = parked.Content;
            await FillAsync(part, stream, cancellationToken);
            return part.Length == session.Offset % PartBuffer.PartSize
                ? part
                : throw new InvalidDataException("The parked bytes of a session are not as many as it says.");
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>Removes parked bytes. Nothing happens when they are gone.</summary>
    public async Task RemoveAsync(UploadSession session, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var blob = await OpenAsync(session.IdHash, name);
        await blob.DeleteIfExistsAsync(cancellationToken: cancellationToken);
    }

    /// <summary>Removes all that a session keeps here. Nothing happens when it keeps nothing.</summary>
    public async Task RemoveAllAsync(string idHash, CancellationToken cancellationToken)
    {
        var container = await storage.OpenContainerAsync(AppStorage.StagingContainer);
        var blobs = container.GetBlobsAsync(BlobTraits.None, BlobStates.Uncommitted, idHash + "/", cancellationToken);
        await foreach (var blob in blobs)
        {
            var client = container.GetBlockBlobClient(blob.Name);
            if (blob.Properties.ContentLength is null or 0)
            {
                // Blocks that were never committed can't be deleted, but give way to an empty blob, which can.
                await client.UploadAsync(Stream.Null, options: null, cancellationToken);
            }

            await client.DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
    }

    /// <summary>Opens a whole content that waits here for its backend, to add parts or to complete it.</summary>
    public async Task<IBlobUpload> OpenContentAsync(UploadSession session, BlobDescriptor blob)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new AzureBlobUpload(await OpenAsync(session.IdHash, ContentName), blob);
    }

    /// <summary>Reads a completed content.</summary>
    public async Task<Stream> ReadContentAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var blob = await OpenAsync(session.IdHash, ContentName);
        BlobDownloadStreamingResult content = await blob.DownloadStreamingAsync(cancellationToken: cancellationToken);
        return content.Content;
    }

    /// <summary>Fills a part up to its full size or the stream's end.</summary>
    /// <exception cref="ProblemException">503: no buffer memory.</exception>
    public async Task FillAsync(PartBuffer part, Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(stream);
        while (part.Length < PartBuffer.PartSize)
        {
            if (part.Room == 0)
            {
                part.AddSegment(await memory.RentAsync(cancellationToken) ?? throw Problems.Busy());
            }

            var count = await stream.ReadAsync(part.NextRoom(), cancellationToken);
            if (count == 0)
            {
                return;
            }

            part.Advance(count);
        }
    }

    private async Task<BlockBlobClient> OpenAsync(string idHash, string name)
    {
        var container = await storage.OpenContainerAsync(AppStorage.StagingContainer);
        return container.GetBlockBlobClient($"{idHash}/{name}");
    }
}
