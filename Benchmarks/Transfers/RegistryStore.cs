using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Transfers;

/// <summary>The registry of the distribution project.</summary>
internal sealed class RegistryStore : TransferStore
{
    private const string DirectRepository = "direct/content";

    private readonly OciRegistry _registry;
    private string _repository = "";

    private RegistryStore(OciRegistry registry) => _registry = registry;

    /// <inheritdoc/>
    public override string Name => "OCI registry";

    /// <summary>Its address.</summary>
    public Uri Address => _registry.Address;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Ports => [_registry.Address.Port];

    /// <inheritdoc/>
    public override ProcessGroup Group => new("store", _registry.ProcessIds);

    /// <inheritdoc/>
    public override IReadOnlyList<DirectClient> Uploads =>
    [
        new("curl, POST and PUT", content => Push(content, streamed: false)),
        new("curl, POST, chunked PATCH and PUT", content => Push(content, streamed: true)),
        new("our client, POST and PUT", content => Task.FromResult<ClientJob>(
            new RegistryPushJob(Address, DirectRepository, content.Digest.ToString(), content.File))),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<DirectClient> Downloads =>
    [
        new("curl", content => Task.FromResult<ClientJob>(new CurlGetJob(BlobAddress(content)))),
        new("our client", content => Task.FromResult<ClientJob>(new GetJob(BlobAddress(content), null, content.Size, null))),
    ];

    /// <summary>Starts one.</summary>
    public static async Task<TransferStore> StartAsync() => new RegistryStore(await OciRegistry.StartAsync());

    /// <inheritdoc/>
    public override object NewBackend()
    {
        _repository = $"bench/{Guid.NewGuid():n}";
        return new
        {
            name = "registry",
            provider = "oci",
            maxBytes = 64L << 30,
            @default = true,
            settings = new { repository = $"{_registry.Address.Authority}/{_repository}" },
        };
    }

    /// <summary>The registry keeps the bytes of a deleted blob until its garbage collection, so the file goes by hand.</summary>
    public override Task ClearAsync(BulkContent content, CancellationToken cancellationToken)
    {
        var file = new FileInfo(_registry.BlobFile(content.Digest.Hex));
        if (file.Exists)
        {
            file.Directory!.Delete(recursive: true);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _registry.DisposeAsync();

    private Task<ClientJob> Push(BulkContent content, bool streamed) =>
        Task.FromResult<ClientJob>(new CurlPushJob(Address, DirectRepository, content.Digest.ToString(), content.File, streamed));

    private Uri BlobAddress(BulkContent content) => new(Address, $"/v2/{_repository}/blobs/{content.Digest}");
}
