using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>Uploads a file with Azure's SDK, in blocks of 8 MiB, four at once.</summary>
/// <param name="ConnectionString">The account.</param>
/// <param name="Container">The container.</param>
/// <param name="Blob">The blob's name.</param>
/// <param name="File">The file's path.</param>
internal sealed record AzureUploadJob(string ConnectionString, string Container, string Blob, string File) : ClientJob
{
    private const int BlockSize = 8 * 1024 * 1024;

    /// <summary>How the SDK cuts a transfer.</summary>
    public static readonly StorageTransferOptions Transfer = new()
    {
        InitialTransferSize = BlockSize,
        MaximumTransferSize = BlockSize,
        MaximumConcurrency = 4,
    };

    /// <inheritdoc/>
    public override async Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        var blob = new BlobClient(ConnectionString, Container, Blob);
        var clock = JobClock.Start();
        await blob.UploadAsync(File, new BlobUploadOptions { TransferOptions = Transfer }, cancellationToken);
        return clock.Stop();
    }
}

/// <summary>Downloads a blob with Azure's SDK, four ranges at once, and drops it.</summary>
/// <param name="ConnectionString">The account.</param>
/// <param name="Container">The container.</param>
/// <param name="Blob">The blob's name.</param>
internal sealed record AzureDownloadJob(string ConnectionString, string Container, string Blob) : ClientJob
{
    /// <inheritdoc/>
    public override async Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        var blob = new BlobClient(ConnectionString, Container, Blob);
        var clock = JobClock.Start();
        using var answer = await blob.DownloadToAsync(
            Stream.Null, new BlobDownloadToOptions { TransferOptions = AzureUploadJob.Transfer }, cancellationToken);
        return clock.Stop();
    }
}
