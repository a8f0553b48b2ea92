using Azure.Storage.Blobs;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Conformance;

/// <summary>Azure Blob Storage, whoever signs the requests.</summary>
public abstract class AzureStore(TestServices services) : StoreUnderTest(services)
{
    /// <inheritdoc/>
    public override string? PartsStayBecause => "Azure drops staged blocks, which nobody can read, after a week";

    /// <inheritdoc/>
    public override string? NoMissingPlaceBecause => "a missing container is made when the backend is registered";

    /// <inheritdoc/>
    protected override string? Provider => "azure-blob";

    /// <summary>The storage account.</summary>
    protected abstract Azurite Storage { get; }

    /// <summary>A client past CasFunctions.</summary>
    protected abstract BlobContainerClient Container(string place);

    /// <inheritdoc/>
    public override Task<string> NewPlaceAsync() => Task.FromResult("c" + Guid.NewGuid().ToString("n")[..20]);

    /// <inheritdoc/>
    public override Task RemovePlaceAsync(string place) => Container(place).DeleteAsync();

    /// <inheritdoc/>
    public override async Task<byte[]?> ReadPastAsync(Sha256Digest digest)
    {
        var blob = Container(Place).GetBlobClient(digest.ToString());
        return await blob.ExistsAsync() ? (await blob.DownloadContentAsync()).Value.Content.ToArray() : null;
    }

    /// <inheritdoc/>
    public override Task PlantForeignAsync(Sha256Digest digest, byte[] bytes) => AlterAsync(digest, bytes);

    /// <inheritdoc/>
    public override Task AlterAsync(Sha256Digest digest, byte[] bytes) =>
        Container(Place).GetBlobClient(digest.ToString()).UploadAsync(new BinaryData(bytes), overwrite: true);

    /// <inheritdoc/>
    public override Task RemoveAsync(Sha256Digest digest) => Container(Place).DeleteBlobAsync(digest.ToString());

    /// <inheritdoc/>
    public override Task<string> FetchWithOtherClientAsync(Sha256Digest digest, TemporaryFolder folder)
    {
        // "Emulator" is rclone's word for an account that is named by the path.
        var remote = $"""
            type = azureblob
            use_emulator = true
            account = {Azurite.AccountName}
            key = {Azurite.AccountKey}
            endpoint = {Storage.BlobEndpoint}
            """;
        return FetchWithRcloneAsync(folder, remote, $"{Place}/{digest}", Certificate is null ? [] : ["--ca-cert", Certificate.AuthorityFile]);
    }

    /// <inheritdoc/>
    public override bool IsContent(ProxiedRequest request, Sha256Digest digest) =>
        IsPut(request, digest) && !request.Query.Contains("comp=blocklist", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool IsCommit(ProxiedRequest request, Sha256Digest digest) =>
        IsPut(request, digest) && !request.Query.Contains("comp=block&", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override object BackendSettings(FaultProxy proxy, string place) => new { container = place };

    private static bool IsPut(ProxiedRequest request, Sha256Digest digest) =>
        request.Method == "PUT" && request.Path.Contains(digest.Hex, StringComparison.Ordinal);
}

/// <summary>Azurite with the account's key in a connection string.</summary>
public sealed class AzureKeyStore(TestServices services) : AzureStore(services)
{
    private Azurite? _azurite;

    /// <inheritdoc/>
    public override string Name => "azure-blob, connection string";

    /// <inheritdoc/>
    protected override Azurite Storage => _azurite!;

    /// <inheritdoc/>
    protected override object WrongCredentials =>
        new { connectionString = Proxy.Through(_azurite!.ConnectionString).Replace("AccountKey=Eby8", "AccountKey=AAAA", StringComparison.Ordinal) };

    /// <inheritdoc/>
    protected override async Task<Uri> StartServiceAsync() => (_azurite = await Services.AzuriteAsync()).BlobEndpoint;

    /// <inheritdoc/>
    protected override object? Credentials(FaultProxy proxy) => new { connectionString = proxy.Through(_azurite!.ConnectionString) };

    /// <inheritdoc/>
    protected override BlobContainerClient Container(string place) => new(_azurite!.ConnectionString, place);
}

/// <summary>Azurite over TLS with tokens of a service principal, in a cloud that the operator has added.</summary>
public sealed class AzurePrincipalStore(TestServices services) : AzureStore(services)
{
    private const string Cloud = "blob.tests.example";
    private const string StallingCloud = "blob.stalling.example";

    private AzureOAuth? _azure;

    /// <inheritdoc/>
    public override string Name => "azure-blob, service principal";

    /// <inheritdoc/>
    protected override Azurite Storage => _azure!.Storage;

    /// <inheritdoc/>
    protected override TestCertificate Certificate => _azure!.Certificate;

    /// <inheritdoc/>
    protected override IEnumerable<int> MorePorts => [_azure!.Entra.Authority.Port];

    /// <inheritdoc/>
    protected override object WrongCredentials => Principal("not the secret");

    /// <inheritdoc/>
    protected override async Task<Uri> StartServiceAsync() => (_azure = await Services.AzureOAuthAsync()).Storage.BlobEndpoint;

    /// <inheritdoc/>
    protected override object BackendSettings(FaultProxy proxy, string place) =>
        new { storageAccount = Azurite.AccountName, container = place, endpoint = proxy == Proxy ? Cloud : StallingCloud };

    /// <inheritdoc/>
    protected override object? Credentials(FaultProxy proxy) => Principal(_azure!.Entra.ClientSecret);

    /// <inheritdoc/>
    protected override Dictionary<string, string> ServiceSettings(FaultProxy proxy, FaultProxy stalling) => new(StringComparer.Ordinal)
    {
        ["Cas:Backends:AzureClouds:0:Suffix"] = Cloud,
        ["Cas:Backends:AzureClouds:0:BlobEndpoint"] = $"{proxy.Address}{{account}}",
        ["Cas:Backends:AzureClouds:0:Authority"] = _azure!.Entra.Authority.ToString(),
        ["Cas:Backends:AzureClouds:1:Suffix"] = StallingCloud,
        ["Cas:Backends:AzureClouds:1:BlobEndpoint"] = $"{stalling.Address}{{account}}",
        ["Cas:Backends:AzureClouds:1:Authority"] = _azure.Entra.Authority.ToString(),
        ["Cas:Outbound:TrustedCertificates:0"] = _azure.Certificate.AuthorityFile,
    };

    /// <inheritdoc/>
    protected override BlobContainerClient Container(string place) => new(
        new Uri($"{_azure!.Storage.BlobEndpoint}/{place}"),
        _azure.CreateCredential(_azure.Entra.ClientSecret),
        new BlobClientOptions { Transport = _azure.CreateTransport() });

    private object Principal(string secret) => new { tenant = _azure!.Entra.TenantId, clientId = _azure.Entra.ClientId, clientSecret = secret };
}
