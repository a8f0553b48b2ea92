using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace CasFunctions.Tests.Services;

public sealed class AzuriteTests(TestServices services)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blobs_written_to_Azurite_are_read_back()
    {
        var azurite = await services.AzuriteAsync();
        var container = new BlobContainerClient(azurite.ConnectionString, $"smoke-{Guid.NewGuid():n}");
        await container.CreateAsync(cancellationToken: Cancellation);

        await container.UploadBlobAsync("report", BinaryData.FromString("evidence"), Cancellation);

        var content = await container.GetBlobClient("report").DownloadContentAsync(Cancellation);
        Assert.Equal("evidence", content.Value.Content.ToString());
    }

    [Fact]
    public async Task Rows_written_to_Azurite_are_read_back()
    {
        var azurite = await services.AzuriteAsync();
        var table = new TableClient(azurite.ConnectionString, $"smoke{Guid.NewGuid():n}");
        await table.CreateAsync(Cancellation);

        await table.AddEntityAsync(new TableEntity("org", "row") { ["Size"] = 42L }, Cancellation);

        var row = await table.GetEntityAsync<TableEntity>("org", "row", cancellationToken: Cancellation);
        Assert.Equal(42L, row.Value.GetInt64("Size"));
    }
}
