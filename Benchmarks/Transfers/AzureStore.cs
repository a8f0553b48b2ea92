using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Transfers;

/// <summary>Azurite as a store of blobs, a process of its own beside the one of the tables.</summary>
internal sealed class AzureStore : TransferStore
{
    private const string DirectContainer = "direct";
    private const string DirectBlob = "content";

    /// <summary>Azurite appends to a file of its own until it has this size, and then takes another.</summary>
    private const long FullFile = 64L << 20;

    private static readonly TimeSpan SasLifetime = TimeSpan.FromHours(1);

    private readonly Azurite _azurite;
    private readonly BlobServiceClient _service;
    private string _container = DirectContainer;

    private AzureStore(Azurite azurite)
    {
        _azurite = azurite;
        _service = new BlobServiceClient(azurite.ConnectionString);
    }

    /// <inheritdoc/>
    public override string Name => "Azurite";

    /// <inheritdoc/>
    public override IReadOnlyList<int> Ports => [_azurite.BlobEndpoint.Port];

    /// <inheritdoc/>
    public override ProcessGroup Group => new("store", _azurite.ProcessIds);

    /// <inheritdoc/>
    public override IReadOnlyList<DirectClient> Uploads =>
    [
        new("Azure SDK, 4 blocks of 8 MiB at once", content => Task.FromResult<ClientJob>(
            new AzureUploadJob(_azurite.ConnectionString, DirectContainer, DirectBlob, content.File))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<DirectClient> Downloads =>
    [
        new("Azure SDK, 4 ranges of 8 MiB at once", async _ =>
            new AzureDownloadJob(_azurite.ConnectionString, _container, await BlobAsync())),
        new("our client, one GET with a SAS", async content => new GetJob(
            _service.GetBlobContainerClient(_container).GetBlobClient(await BlobAsync())
                .GenerateSasUri(BlobSasPermissions.Read, TimeProvider.System.GetUtcNow() + SasLifetime),
            null,
            content.Size,
            null)),
    ];

    /// <summary>Starts one.</summary>
    public static async Task<TransferStore> StartAsync()
    {
        var azurite = await Azurite.StartAsync();
        var store = new AzureStore(azurite);
        await store._service.CreateBlobContainerAsync(DirectContainer);
        return store;
    }

    /// <inheritdoc/>
    public override object NewBackend()
    {
        _container = "c" + Guid.NewGuid().ToString("n")[..20];
        return new
        {
            name = "azure",
            provider = "azure-blob",
            maxBytes = 64L << 30,
            @default = true,
            settings = new { container = _container },
            credentials = new { connectionString = _azurite.ConnectionString },
        };
    }

    /// <summary>Azurite frees the room of deleted blobs after ten minutes and more, so its full files are emptied by hand.</summary>
    public override async Task ClearAsync(BulkContent content, CancellationToken cancellationToken)
    {
        await _service.GetBlobContainerClient(DirectContainer).GetBlobClient(DirectBlob)
            .DeleteIfExistsAsync(cancellationToken: cancellationToken);
        if (_container != DirectContainer)
        {
            await _service.GetBlobContainerClient(_container).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }

        foreach (var file in new DirectoryInfo(Path.Combine(_azurite.DataFolder, "__blobstorage__")).GetFiles())
        {
            if (file.Length >= FullFile)
            {
                await using var emptied = file.Open(FileMode.Truncate);
            }
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _azurite.DisposeAsync();

    private async Task<string> BlobAsync() => (await _service.GetBlobContainerClient(_container).GetBlobsAsync().FirstAsync()).Name;
}
