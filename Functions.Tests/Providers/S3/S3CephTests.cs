using System.Buffers;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using CasFunctions.Digests;
using CasFunctions.Providers;
using CasFunctions.Providers.S3;
using CasFunctions.Security;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.Options;
using static CasFunctions.Tests.Providers.S3.SegmentedContent;

namespace CasFunctions.Tests.Providers.S3;

/// <summary>The provider against a real S3 server.</summary>
public sealed class S3CephTests(TestServices services) : IAsyncLifetime
{
    private const int MiB = 1 << 20;
    private const int PartSize = 8 * MiB;

    private readonly CollectingLogger _log = new();
    private CephS3 _ceph = null!;
    private OutboundHandlerFactory _outbound = null!;
    private FaultyHandler _faults = null!;
    private IAmazonS3 _admin = null!;
    private string _bucket = "";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ceph = await services.CephS3Async();
        _admin = _ceph.CreateClient();
        _bucket = await _ceph.CreateBucketAsync(Cancelled);
        _outbound = new OutboundHandlerFactory(Options.Create(
            new OutboundOptions { PlainHttpHosts = [_ceph.Address.Authority], AllowedNetworks = ["127.0.0.0/8"] }));
        _faults = new FaultyHandler(_outbound.Handler);
    }

    public ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        _outbound?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(PartSize)]
    public async Task A_single_put_is_read_back(int size)
    {
        var content = Bytes(size);
        var blob = Describe(content);
        var store = Open();
        Assert.Null(await store.FindAsync(blob.Digest, Cancelled));
        Assert.Equal(CommitOutcome.Committed, await store.PutAsync(blob, Cut(content), Cancelled));
        Assert.Equal(new StoredBlob(size, blob.Nonce), await store.FindAsync(blob.Digest, Cancelled));
        Assert.Equal(content, await ReadAsync(store, blob.Digest, 0, Math.Max(size, 1)));
    }

    [Fact]
    public async Task Twenty_MiB_go_up_in_three_parts_at_once_and_replace_what_was_there()
    {
        var content = Bytes(20 * MiB);
        var blob = Describe(content);
        var store = Open();
        await store.PutAsync(blob with { Nonce = "older" }, Cut("poison"u8.ToArray()), Cancelled);

        await using var upload = await store.OpenUploadAsync(blob, null, Cancelled);
        Assert.True(upload.CanResume);
        var tags = await Task.WhenAll(Parts(content).Select((part, index) => upload.WritePartAsync(index + 1, part, Cancelled)));
        Assert.Equal(3, _faults.MostAtOnce);
        Assert.Equal("older", (await store.FindAsync(blob.Digest, Cancelled))!.Nonce);

        Assert.Equal(CommitOutcome.Committed, await upload.CommitAsync(tags, Cancelled));
        Assert.Equal(new StoredBlob(content.Length, blob.Nonce), await store.FindAsync(blob.Digest, Cancelled));
        Assert.Equal(content, await ReadAsync(store, blob.Digest, 0, content.Length));
    }

    [Fact]
    public async Task An_upload_goes_on_in_another_process_by_its_id()
    {
        var content = Bytes(PartSize + 5);
        var blob = Describe(content);
        var parts = Parts(content);
        await using var first = await Open().OpenUploadAsync(blob, null, Cancelled);
        var tag = await first.WritePartAsync(1, parts[0], Cancelled);

        var later = Open();
        await using var second = await later.OpenUploadAsync(blob, first.UploadId, Cancelled);
        Assert.Equal(first.UploadId, second.UploadId);
        var tags = new[] { tag, await second.WritePartAsync(2, parts[1], Cancelled) };
        Assert.Equal(CommitOutcome.Committed, await second.CommitAsync(tags, Cancelled));
        Assert.Equal(content, await ReadAsync(later, blob.Digest, 0, content.Length));
    }

    [Fact]
    public async Task Objects_carry_name_type_and_nonce_under_their_digest()
    {
        var content = Bytes(10);
        var longName = "Bericht für\r\n../" + new string('ü', 1000);
        var blob = Describe(content) with { Name = longName, MediaType = "application/vnd.cyclonedx+json" };
        await Open("ci/team").PutAsync(blob, Cut(content), Cancelled);

        var head = await _admin.GetObjectMetadataAsync(_bucket, $"ci/team/sha256:{blob.Digest.Hex}", Cancelled);
        Assert.Equal(blob.MediaType, head.Headers.ContentType);
        Assert.Equal(blob.Nonce, head.Metadata["cas-nonce"]);
        var name = head.Metadata["cas-name"];
        Assert.True(name.Length <= 1024);
        Assert.StartsWith(Uri.UnescapeDataString(name), blob.Name, StringComparison.Ordinal);
        Assert.StartsWith("Bericht%20f%C3%BCr%0D%0A..%2F", name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 4)]
    [InlineData(9, 1)]
    [InlineData(5, 100)]
    [InlineData(10, 1)]
    public async Task A_range_brings_its_bytes_and_ends_where_the_object_ends(int offset, int length)
    {
        var content = Bytes(10);
        var blob = Describe(content);
        var store = Open();
        await store.PutAsync(blob, Cut(content), Cancelled);
        Assert.Equal(content.Skip(offset).Take(length), await ReadAsync(store, blob.Digest, offset, length));
    }

    [Fact]
    public async Task A_missing_object_is_told_from_a_missing_bucket()
    {
        var digest = Sha256Digest.Of("nothing"u8);
        await FailsAsync(ProviderErrorKind.BlobNotFound, "no object", () => Open().OpenReadAsync(digest, 0, 1, Cancelled));
        _bucket += "-x";
        await FailsAsync(ProviderErrorKind.Misconfigured, "bucket", () => Open().OpenReadAsync(digest, 0, 1, Cancelled));
        await FailsAsync(ProviderErrorKind.Misconfigured, "bucket", () => Open().ProbeAsync(Cancelled));
        await FailsAsync(
            ProviderErrorKind.Misconfigured, "bucket", () => Open().PutAsync(Describe([1]), Cut([1]), Cancelled));
    }

    [Fact]
    public async Task Wrong_keys_are_refused_credentials_in_every_call()
    {
        var blob = Describe([1]);
        foreach (var (store, words) in new[] { (Open(keyId: "NOBODY"), "access key id"), (Open(secret: "wrong"), "secret access key") })
        {
            const ProviderErrorKind kind = ProviderErrorKind.CredentialsRefused;
            await FailsAsync(kind, words, () => store.ProbeAsync(Cancelled));
            await FailsAsync(kind, words, () => store.FindAsync(blob.Digest, Cancelled));
            await FailsAsync(kind, words, () => store.PutAsync(blob, Cut([1]), Cancelled));
            await FailsAsync(kind, words, () => store.OpenUploadAsync(blob, null, Cancelled));
            await FailsAsync(kind, words, () => store.OpenReadAsync(blob.Digest, 0, 1, Cancelled));
        }
    }

    [Fact]
    public async Task A_commit_whose_reply_was_lost_is_found_by_its_nonce()
    {
        var content = Bytes(10);
        var blob = Describe(content);
        var store = Open();
        await using var upload = await store.OpenUploadAsync(blob, null, Cancelled);
        var tags = new[] { await upload.WritePartAsync(1, Cut(content), Cancelled) };
        _faults.LoseReplyTo = request => request.Method == HttpMethod.Post;
        Assert.Equal(CommitOutcome.Committed, await upload.CommitAsync(tags, Cancelled));
        Assert.Equal(1, _faults.LostReplies);

        await using var again = await Open().OpenUploadAsync(blob, upload.UploadId, Cancelled);
        Assert.Equal(CommitOutcome.Committed, await again.CommitAsync(tags, Cancelled));
    }

    [Fact]
    public async Task A_lost_upload_is_not_taken_for_committed_because_of_anothers_object()
    {
        var content = Bytes(10);
        var blob = Describe(content);
        var store = Open();
        await store.PutAsync(blob with { Nonce = "another" }, Cut(content), Cancelled);
        await using var upload = await store.OpenUploadAsync(blob, null, Cancelled);
        var tags = new[] { await upload.WritePartAsync(1, Cut(content), Cancelled) };
        await upload.AbortAsync(Cancelled);
        await upload.AbortAsync(Cancelled);

        await FailsAsync(ProviderErrorKind.UploadLost, "upload", () => upload.WritePartAsync(2, Cut(content), Cancelled));
        // Ceph's word for a commit of what is gone is 500.
        await FailsAsync(ProviderErrorKind.Unavailable, "500", () => upload.CommitAsync(tags, Cancelled));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task The_documented_rights_are_enough_for_everything()
    {
        await DenyAsync("AbortMultipartUpload", "DeleteObject", "ListMultipartUploadParts", "ListBucketMultipartUploads");
        var content = Bytes(PartSize + 1);
        var blob = Describe(content);
        var store = Open();
        await store.ProbeAsync(Cancelled);
        await store.PutAsync(Describe([1]), Cut([1]), Cancelled);

        await using var dropped = await store.OpenUploadAsync(blob, null, Cancelled);
        await dropped.WritePartAsync(1, Parts(content)[0], Cancelled);
        await dropped.AbortAsync(Cancelled);
        await dropped.AbortAsync(Cancelled);
        var line = Assert.Single(_log.Lines);
        Assert.StartsWith("Information Backend evidence:", line, StringComparison.Ordinal);
        Assert.Contains("s3:AbortMultipartUpload", line, StringComparison.Ordinal);

        await using var upload = await store.OpenUploadAsync(blob, null, Cancelled);
        var tags = await Task.WhenAll(Parts(content).Select((part, index) => upload.WritePartAsync(index + 1, part, Cancelled)));
        Assert.Equal(CommitOutcome.Committed, await upload.CommitAsync(tags, Cancelled));
        Assert.Equal(content, await ReadAsync(store, blob.Digest, 0, content.Length));
    }

    [Theory]
    [InlineData("ListBucket")]
    [InlineData("GetObject")]
    [InlineData("PutObject")]
    public async Task A_probe_names_the_right_that_is_missing(string right)
    {
        await Open("ci").PutAsync(Describe([1]), Cut([1]), Cancelled);
        await DenyAsync(right);
        await FailsAsync(ProviderErrorKind.Forbidden, $"s3:{right}", () => Open("ci").ProbeAsync(Cancelled));
    }

    [Fact]
    public async Task A_probe_leaves_nothing_behind()
    {
        await Open().ProbeAsync(Cancelled);
        await Open("ci").ProbeAsync(Cancelled);
        var objects = await _admin.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket }, Cancelled);
        Assert.Empty(objects.S3Objects ?? []);
        var uploads = await _admin.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket }, Cancelled);
        Assert.Empty(uploads.MultipartUploads ?? []);
    }

    [Fact]
    public async Task A_put_that_fails_once_is_repeated_with_the_whole_content()
    {
        var content = Bytes(3 * MiB);
        var blob = Describe(content);
        var store = Open();
        _faults.LoseReplyTo = request => request.Method == HttpMethod.Put;
        Assert.Equal(CommitOutcome.Committed, await store.PutAsync(blob, Cut(content), Cancelled));
        Assert.Equal(1, _faults.LostReplies);
        Assert.Equal(content, await ReadAsync(store, blob.Digest, 0, content.Length));
    }

    [Fact]
    public async Task The_provider_opens_what_it_configured()
    {
        var provider = new S3BlobProvider(_outbound, TimeProvider.System, _log);
        var configuration = provider.Configure(
            "org",
            Parse($$"""{"bucket":"{{_bucket}}","endpoint":"{{_ceph.Address}}","prefix":"ci"}"""),
            Parse($$"""{"accessKeyId":"{{_ceph.AccessKey}}","secretAccessKey":"{{_ceph.SecretKey}}"}"""));
        var store = provider.Open(new BackendConnection("org", "evidence", configuration.Settings, configuration.Credentials));
        await store.ProbeAsync(Cancelled);
        Assert.Equal($"{_ceph.Address}{_bucket}/ci", configuration.Location);
        Assert.DoesNotContain(_ceph.SecretKey, configuration.Settings, StringComparison.Ordinal);

        static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
    }

    private S3BlobStore Open(string? prefix = null, string? keyId = null, string? secret = null) => new(
        "evidence",
        new S3Settings(_bucket, _ceph.Address.GetLeftPart(UriPartial.Authority), prefix),
        new S3Credentials(keyId ?? _ceph.AccessKey, secret ?? _ceph.SecretKey, CephS3.Region),
        _faults,
        TimeProvider.System,
        _log);

    // An explicit denial holds for the bucket's owner too.
    private async Task DenyAsync(params string[] rights) => await _admin.PutBucketPolicyAsync(
        _bucket,
        $$"""
        {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
        "Action":[{{string.Join(',', rights.Select(right => $"\"s3:{right}\""))}}],
        "Resource":["arn:aws:s3:::{{_bucket}}","arn:aws:s3:::{{_bucket}}/*"]}]}
        """,
        Cancelled);

    private static async Task FailsAsync(ProviderErrorKind kind, string words, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<ProviderException>(call);
        Assert.True(failure.Kind == kind, failure.ToString());
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadAsync(S3BlobStore store, Sha256Digest digest, long offset, long length)
    {
        await using var stream = await store.OpenReadAsync(digest, offset, length, Cancelled);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Cancelled);
        return copy.ToArray();
    }

    private static BlobDescriptor Describe(byte[] content) =>
        new(Sha256Digest.Of(content), content.Length, "report.json", null, Guid.NewGuid().ToString("N"));

    private static List<ReadOnlySequence<byte>> Parts(byte[] content) => [.. content.Chunk(PartSize).Select(Cut)];
}
