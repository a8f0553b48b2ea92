using Amazon.S3;
using Amazon.S3.Model;

namespace CasFunctions.Tests.Services;

public sealed class CephS3Tests(TestServices services)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Objects_written_to_Ceph_are_read_back() => await WriteAndReadAsync(await services.CephS3Async());

    [Fact]
    public async Task Objects_written_to_Ceph_on_disk_are_read_back()
    {
        await using var ceph = await CephS3.StartAsync(CephObjectStore.Disk);
        await WriteAndReadAsync(ceph);
    }

    [Fact]
    public async Task A_signature_with_a_wrong_key_is_refused()
    {
        var ceph = await services.CephS3Async();
        using var client = new AmazonS3Client(
            ceph.AccessKey, "wrong", new AmazonS3Config { ServiceURL = ceph.Address.ToString(), ForcePathStyle = true });

        var refusal = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => client.ListBucketsAsync(Cancellation));

        Assert.Equal("SignatureDoesNotMatch", refusal.ErrorCode);
    }

    private static async Task WriteAndReadAsync(CephS3 ceph)
    {
        var bucket = await ceph.CreateBucketAsync(Cancellation);
        using var client = ceph.CreateClient();

        await client.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = "report", ContentBody = "evidence" }, Cancellation);

        using var content = await client.GetObjectAsync(bucket, "report", Cancellation);
        using var reader = new StreamReader(content.ResponseStream);
        Assert.Equal("evidence", await reader.ReadToEndAsync(Cancellation));
    }
}
