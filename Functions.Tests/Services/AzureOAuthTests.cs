using Azure.Identity;
using Azure.Storage.Blobs;

namespace CasFunctions.Tests.Services;

public sealed class AzureOAuthTests(TestServices services)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_principal_writes_and_reads_blobs()
    {
        var azure = await services.AzureOAuthAsync();
        var container = Container(azure, azure.Entra.ClientSecret);
        await container.CreateAsync(cancellationToken: Cancellation);

        await container.UploadBlobAsync("report", BinaryData.FromString("evidence"), Cancellation);

        var content = await container.GetBlobClient("report").DownloadContentAsync(Cancellation);
        Assert.Equal("evidence", content.Value.Content.ToString());
    }

    [Fact]
    public async Task A_wrong_client_secret_is_refused_as_Entra_ID_refuses_it()
    {
        var azure = await services.AzureOAuthAsync();
        var container = Container(azure, "wrong");

        var refusal = await Assert.ThrowsAsync<AuthenticationFailedException>(
            () => container.CreateAsync(cancellationToken: Cancellation));

        Assert.Contains("AADSTS7000215", refusal.ToString(), StringComparison.Ordinal);
    }

    private static BlobContainerClient Container(AzureOAuth azure, string clientSecret) => new(
        new Uri($"{azure.Storage.BlobEndpoint}/smoke-{Guid.NewGuid():n}"),
        azure.CreateCredential(clientSecret),
        new BlobClientOptions { Transport = azure.CreateTransport() });
}
