using System.Net;
using Amazon.S3.Model;
using Azure;
using Azure.Storage.Blobs;

namespace CasFunctions.Tests.Services;

public sealed class FaultProxyTests(TestServices services)
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Signatures_of_Azure_clients_hold_through_the_proxy()
    {
        await using var proxy = await ProxyBeforeBlobsAsync();
        var blob = await NewBlobAsync(proxy, "dir/a b+c%2Fd");

        await blob.UploadAsync(BinaryData.FromBytes(Content), Cancellation);

        var read = await blob.DownloadContentAsync(Cancellation);
        Assert.Equal(Content, read.Value.Content.ToArray());
        Assert.Contains(proxy.Requests, request => request.Method == "PUT" && request.Path.EndsWith("%252Fd", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signatures_of_S3_clients_hold_through_the_proxy()
    {
        var ceph = await services.CephS3Async();
        var bucket = await ceph.CreateBucketAsync(Cancellation);
        await using var proxy = await FaultProxy.StartAsync(ceph.Address);
        using var client = ceph.CreateClient(proxy.Address);

        await client.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "dir/a b+c", InputStream = new MemoryStream(Content) }, Cancellation);

        var stored = await client.GetObjectMetadataAsync(bucket, "dir/a b+c", Cancellation);
        Assert.Equal(Content.Length, stored.ContentLength);
    }

    [Fact]
    public async Task A_request_is_refused_as_often_as_asked()
    {
        await using var proxy = await ProxyBeforeBlobsAsync();
        var blob = await NewBlobAsync(proxy, "report");
        proxy.Break(request => request.Method == "PUT", Fault.Answer(503), times: 1);

        var refusal = await Assert.ThrowsAsync<RequestFailedException>(() => UploadAsync(blob));
        await UploadAsync(blob);

        Assert.Equal(503, refusal.Status);
        Assert.Equal(2, proxy.Requests.Count(request => request.Path.EndsWith("/report", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_request_whose_reply_is_lost_was_done()
    {
        await using var proxy = await ProxyBeforeBlobsAsync();
        var blob = await NewBlobAsync(proxy, "report");
        proxy.Break(request => request.Method == "PUT", Fault.LoseReply, times: 1);

        await Assert.ThrowsAsync<RequestFailedException>(() => UploadAsync(blob));

        Assert.True(await blob.ExistsAsync(Cancellation));
    }

    [Fact]
    public async Task A_request_that_is_cut_at_once_or_in_its_body_was_not_done()
    {
        await using var proxy = await ProxyBeforeBlobsAsync();
        var blob = await NewBlobAsync(proxy, "report");
        proxy.Break(request => request.Method == "PUT", Fault.Cut, times: 1);
        proxy.Break(request => request.Method == "PUT", Fault.CutRequestAfter(60_000), times: 1);

        await Assert.ThrowsAsync<RequestFailedException>(() => UploadAsync(blob));
        await Assert.ThrowsAsync<RequestFailedException>(() => UploadAsync(blob));

        Assert.False(await blob.ExistsAsync(Cancellation));
    }

    [Fact]
    public async Task A_download_is_cut_after_the_given_number_of_bytes()
    {
        await using var proxy = await ProxyBeforeBlobsAsync();
        var blob = await NewBlobAsync(proxy, "report");
        await UploadAsync(blob);
        proxy.Break(request => request.Method == "GET", Fault.CutResponseAfter(60_000), times: 1);
        var download = await blob.DownloadStreamingAsync(cancellationToken: Cancellation);
        using var received = new MemoryStream();

        // The Azure SDK goes on at the offset that it has reached when a download breaks.
        await download.Value.Content.CopyToAsync(received, Cancellation);

        Assert.Equal(Content, received.ToArray());
        Assert.Equal(2, proxy.Requests.Count(request => request.Method == "GET"));
    }

    [Fact]
    public async Task A_stalled_request_ends_when_the_client_gives_up()
    {
        await using var proxy = await ProxyBeforeBlobsAsync();
        proxy.Break(_ => true, Fault.Stall);
        using var client = new HttpClient();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var answer = client.GetAsync(proxy.Address, patience.Token);
        await Eventually.TrueAsync(_ => Task.FromResult(proxy.Requests.Count == 1), TimeSpan.FromSeconds(30), Cancellation);
        Assert.False(answer.IsCompleted);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        proxy.Heal();
        using var healed = await client.GetAsync(proxy.Address, Cancellation);
        Assert.NotEqual(HttpStatusCode.OK, healed.StatusCode);
    }

    private static Task UploadAsync(BlobClient blob) => blob.UploadAsync(BinaryData.FromBytes(Content), overwrite: true, Cancellation);

    private async Task<FaultProxy> ProxyBeforeBlobsAsync() => await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);

    private async Task<BlobClient> NewBlobAsync(FaultProxy proxy, string name)
    {
        var azurite = await services.AzuriteAsync();
        var options = new BlobClientOptions { Retry = { MaxRetries = 0, NetworkTimeout = TimeSpan.FromSeconds(30) } };
        var container = new BlobContainerClient(proxy.Through(azurite.ConnectionString), $"proxy-{Guid.NewGuid():n}", options);
        await container.CreateAsync(cancellationToken: Cancellation);
        return container.GetBlobClient(name);
    }
}
