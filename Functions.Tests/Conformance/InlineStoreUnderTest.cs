using Azure.Data.Tables;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Conformance;

/// <summary>The backend that every organization has: CasFunctions' own tables, here on Azurite.</summary>
public sealed class InlineStoreUnderTest(TestServices services) : StoreUnderTest(services)
{
    private const string NoPlace = "content is in the service's own tables";
    private readonly string _prefix = "T" + Guid.NewGuid().ToString("n")[..12];
    private Azurite? _azurite;

    /// <inheritdoc/>
    public override string Name => "inline";

    /// <inheritdoc/>
    public override long MaxSize => 500 * 1024;

    /// <inheritdoc/>
    public override string? NoCredentialsBecause => "it has no credentials";

    /// <inheritdoc/>
    public override string? NoMissingPlaceBecause => NoPlace;

    /// <inheritdoc/>
    public override string? PlaceStaysBecause => NoPlace;

    /// <inheritdoc/>
    public override string? NoOtherClientBecause => NoPlace;

    /// <inheritdoc/>
    protected override string? Provider => null;

    private TableClient Table => new(_azurite!.ConnectionString, _prefix + "Inline");

    /// <inheritdoc/>
    public override Task<string> NewPlaceAsync() => Task.FromResult("");

    /// <inheritdoc/>
    public override async Task<byte[]?> ReadPastAsync(Sha256Digest digest) =>
        await Table.GetEntityIfExistsAsync<TableEntity>(PartitionOf(digest), digest.Hex) is { HasValue: true, Value: var row }
            ? [.. row!.Where(property => property.Key.StartsWith("Content", StringComparison.Ordinal))
                .OrderBy(property => property.Key, StringComparer.Ordinal)
                .SelectMany(property => (byte[])property.Value)]
            : null;

    /// <inheritdoc/>
    public override Task PlantForeignAsync(Sha256Digest digest, byte[] bytes) => Table.UpsertEntityAsync(
        new TableEntity(PartitionOf(digest), digest.Hex) { ["Size"] = (long)bytes.Length, ["Nonce"] = "foreign", ["Content00"] = bytes[..100] },
        TableUpdateMode.Replace);

    /// <inheritdoc/>
    public override async Task AlterAsync(Sha256Digest digest, byte[] bytes)
    {
        TableEntity row = await Table.GetEntityAsync<TableEntity>(PartitionOf(digest), digest.Hex);
        row["Content00"] = bytes[..row.GetBinary("Content00").Length];
        await Table.UpdateEntityAsync(row, row.ETag);
    }

    /// <inheritdoc/>
    public override Task RemoveAsync(Sha256Digest digest) => Table.DeleteEntityAsync(PartitionOf(digest), digest.Hex);

    /// <inheritdoc/>
    public override bool IsContent(ProxiedRequest request, Sha256Digest digest) =>
        request.Method is not "GET" && IsRow(request, digest);

    /// <inheritdoc/>
    public override bool IsCommit(ProxiedRequest request, Sha256Digest digest) => IsContent(request, digest);

    /// <inheritdoc/>
    public override bool IsRead(ProxiedRequest request, Sha256Digest digest) => request.Method == "GET" && IsRow(request, digest);

    /// <inheritdoc/>
    protected override async Task<Uri> StartServiceAsync() => (_azurite = await Services.AzuriteAsync()).TableEndpoint;

    /// <inheritdoc/>
    protected override object BackendSettings(FaultProxy proxy, string place) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override object? Credentials(FaultProxy proxy) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override Dictionary<string, string> ServiceSettings(FaultProxy proxy, FaultProxy stalling) => new(StringComparer.Ordinal)
    {
        ["Cas:Storage:ConnectionString"] = proxy.Through(_azurite!.ConnectionString),
        ["Cas:Storage:TablePrefix"] = _prefix,
    };

    private static bool IsRow(ProxiedRequest request, Sha256Digest digest) =>
        request.Path.Contains("Inline(", StringComparison.Ordinal) && request.Path.Contains(digest.Hex, StringComparison.Ordinal);

    private string PartitionOf(Sha256Digest digest) => $"{Tenant.Name}|{digest.Hex[..2]}";
}
