using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using CasFunctions.Digests;
using CasFunctions.Providers;
using CasFunctions.Providers.Oci;
using CasFunctions.Tests.Services;
using static CasFunctions.Tests.Providers.Oci.OciTesting;

namespace CasFunctions.Tests.Providers.Oci;

/// <summary>The store against the registry of the distribution project.</summary>
public sealed class OciBlobStoreTests(TestServices services)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RegistryAccess.Anonymous)]
    [InlineData(RegistryAccess.Basic)]
    [InlineData(RegistryAccess.Token)]
    public async Task Content_of_any_size_comes_back_as_it_was_put(RegistryAccess access)
    {
        var store = Open(await services.OciRegistryAsync(access), anonymous: access == RegistryAccess.Anonymous);
        foreach (var size in new[] { 0, 1, PartSize })
        {
            var content = Random(size);
            var blob = Describe(content);

            Assert.Null(await store.FindAsync(blob.Digest, Cancellation));
            Assert.Equal(CommitOutcome.Committed, await store.PutAsync(blob, content));

            Assert.Equal(new StoredBlob(size, "nonce-1"), await store.FindAsync(blob.Digest, Cancellation));
            Assert.Equal(content, size == 0 ? [] : await store.ReadAsync(blob.Digest, 0, size));
        }
    }

    [Theory]
    [InlineData(RegistryAccess.Anonymous)]
    [InlineData(RegistryAccess.Basic)]
    [InlineData(RegistryAccess.Token)]
    public async Task Content_in_parts_comes_back_as_it_was_sent(RegistryAccess access)
    {
        var store = Open(await services.OciRegistryAsync(access), anonymous: access == RegistryAccess.Anonymous);
        var content = Random(20 * 1024 * 1024);
        var blob = Describe(content);

        Assert.Equal(CommitOutcome.Committed, await store.StreamAsync(blob, content));

        Assert.Equal(new StoredBlob(content.Length, "nonce-1"), await store.FindAsync(blob.Digest, Cancellation));
        Assert.Equal(content, await store.ReadAsync(blob.Digest, 0, content.Length));
    }

    [Fact]
    public async Task Registries_that_name_absolute_locations_are_served_too()
    {
        await using var registry = await OciRegistry.StartAsync(relativeUrls: false);
        var store = Open(registry, anonymous: true);
        var content = Random(PartSize + 1);

        await store.StreamAsync(Describe(content), content);

        Assert.Equal(content, await store.ReadAsync(Sha256Digest.Of(content), 0, content.Length));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(5000, 1)]
    [InlineData(99_000, 1000)]
    [InlineData(99_999, 5000)]
    public async Task Ranges_are_read_from_their_offset(int offset, int length)
    {
        var store = Open(await services.OciRegistryAsync(), anonymous: true);
        var content = Random(100_000);
        await store.PutAsync(Describe(content), content);

        var read = await store.ReadAsync(Sha256Digest.Of(content), offset, length);

        Assert.Equal(content[offset..Math.Min(content.Length, offset + length)], read);
    }

    [Fact]
    public async Task Content_that_is_not_there_is_told_apart()
    {
        var store = Open(await services.OciRegistryAsync(RegistryAccess.Token));
        var digest = Sha256Digest.Of([1, 2, 3]);

        Assert.Null(await store.FindAsync(digest, Cancellation));
        Assert.Equal(ProviderErrorKind.BlobNotFound, await FailsAsync(() => store.OpenReadAsync(digest, 0, 1, Cancellation)));
    }

    [Fact]
    public async Task Content_with_another_digest_is_refused_and_leaves_nothing_readable()
    {
        var registry = await services.OciRegistryAsync();
        var store = Open(registry, anonymous: true);
        var content = Random(PartSize + 5);
        var wrong = Describe(content) with { Digest = Sha256Digest.Of([4, 5, 6]) };

        Assert.Equal(ProviderErrorKind.Rejected, await FailsAsync(() => store.StreamAsync(wrong, content)));
        Assert.Equal(ProviderErrorKind.Rejected, await FailsAsync(() => store.PutAsync(wrong, content)));

        Assert.Null(await store.FindAsync(wrong.Digest, Cancellation));
        Assert.False(File.Exists(registry.BlobFile(Sha256Digest.Of(content).Hex)));
    }

    [Theory]
    [InlineData(RegistryAccess.Basic)]
    [InlineData(RegistryAccess.Token)]
    public async Task Wrong_and_missing_credentials_are_told_as_such(RegistryAccess access)
    {
        var registry = await services.OciRegistryAsync(access);
        var content = Random(10);
        foreach (var store in new[] { Open(registry, password: "wrong"), Open(registry, anonymous: true) })
        {
            Assert.Equal(ProviderErrorKind.CredentialsRefused, await FailsAsync(() => store.ProbeAsync(Cancellation)));
            Assert.Equal(ProviderErrorKind.CredentialsRefused, await FailsAsync(() => store.PutAsync(Describe(content), content)));
            Assert.Equal(
                ProviderErrorKind.CredentialsRefused, await FailsAsync(() => store.FindAsync(Sha256Digest.Of(content), Cancellation)));
        }
    }

    [Theory]
    [InlineData(RegistryAccess.Anonymous)]
    [InlineData(RegistryAccess.Basic)]
    [InlineData(RegistryAccess.Token)]
    public async Task A_probe_passes_and_leaves_nothing_behind(RegistryAccess access)
    {
        var registry = await services.OciRegistryAsync(access);
        var name = NewName();

        await Open(registry, name, anonymous: access == RegistryAccess.Anonymous).ProbeAsync(Cancellation);

        Assert.Empty(UnfinishedUploads(registry, name));
    }

    [Fact]
    public async Task The_blob_is_kept_by_a_manifest_that_says_what_it_is()
    {
        var registry = await services.OciRegistryAsync();
        var name = NewName();
        var store = Open(registry, name, anonymous: true);
        var content = Random(1000);
        var blob = Describe(content, "dir/../report \"x\".json");
        await store.PutAsync(blob, content);

        using var manifest = JsonDocument.Parse(await ManifestAsync(registry, name, blob.Digest));

        var root = manifest.RootElement;
        Assert.Equal(2, root.GetProperty("schemaVersion").GetInt32());
        Assert.Equal("application/vnd.oci.image.manifest.v1+json", root.GetProperty("mediaType").GetString());
        Assert.Equal("application/vnd.casfunctions.evidence.v1", root.GetProperty("artifactType").GetString());
        Assert.Equal("application/vnd.oci.empty.v1+json", root.GetProperty("config").GetProperty("mediaType").GetString());
        Assert.Equal(
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            root.GetProperty("config").GetProperty("digest").GetString());
        Assert.Equal(2, root.GetProperty("config").GetProperty("size").GetInt32());
        var layer = Assert.Single(root.GetProperty("layers").EnumerateArray());
        Assert.Equal(blob.MediaType, layer.GetProperty("mediaType").GetString());
        Assert.Equal(blob.Digest.ToString(), layer.GetProperty("digest").GetString());
        Assert.Equal(1000, layer.GetProperty("size").GetInt64());
        Assert.Equal(
            "report _x_.json", layer.GetProperty("annotations").GetProperty("org.opencontainers.image.title").GetString());
        Assert.Equal("nonce-1", root.GetProperty("annotations").GetProperty("casfunctions.nonce").GetString());
    }

    [Fact]
    public async Task A_second_session_with_the_same_content_replaces_the_manifest()
    {
        var store = Open(await services.OciRegistryAsync(RegistryAccess.Token));
        var content = Random(PartSize + 1);

        await store.StreamAsync(Describe(content), content);
        Assert.Equal(CommitOutcome.Displaced, await store.StreamAsync(Describe(content, nonce: "nonce-2"), content));
        Assert.Equal("nonce-2", (await store.FindAsync(Sha256Digest.Of(content), Cancellation))!.Nonce);
        Assert.Equal(CommitOutcome.Displaced, await store.PutAsync(Describe(content, nonce: "nonce-3"), content));
        Assert.Equal("nonce-3", (await store.FindAsync(Sha256Digest.Of(content), Cancellation))!.Nonce);
    }

    [Fact]
    public async Task A_commit_may_be_repeated()
    {
        var store = Open(await services.OciRegistryAsync(), anonymous: true);
        var content = Random(100);
        await using var upload = await store.OpenUploadAsync(Describe(content), uploadId: null, Cancellation);
        var tag = await upload.WritePartAsync(1, new ReadOnlySequence<byte>(content), Cancellation);

        Assert.Equal(CommitOutcome.Committed, await upload.CommitAsync([tag], Cancellation));
        Assert.Equal(CommitOutcome.Committed, await upload.CommitAsync([tag], Cancellation));
    }

    [Fact]
    public async Task An_upload_that_is_given_up_after_its_last_byte_leaves_nothing_at_the_registry()
    {
        var registry = await services.OciRegistryAsync();
        var name = NewName();
        var store = Open(registry, name, anonymous: true);
        var content = Random(PartSize);

        await using (var upload = await store.OpenUploadAsync(Describe(content), uploadId: null, Cancellation))
        {
            await upload.WritePartAsync(1, new ReadOnlySequence<byte>(content), Cancellation);
            Assert.NotEmpty(UnfinishedUploads(registry, name));
        }

        Assert.Empty(UnfinishedUploads(registry, name));
        Assert.Null(await store.FindAsync(Sha256Digest.Of(content), Cancellation));
    }

    [Fact]
    public async Task An_upload_that_is_given_up_midway_can_not_be_read_and_does_not_block_the_next()
    {
        var store = Open(await services.OciRegistryAsync(), anonymous: true);
        var content = Random(2 * PartSize);
        var blob = Describe(content);

        await using (var upload = await store.OpenUploadAsync(blob, uploadId: null, Cancellation))
        {
            await upload.WritePartAsync(1, new ReadOnlySequence<byte>(content.AsMemory(0, PartSize)), Cancellation);
        }

        Assert.Null(await store.FindAsync(blob.Digest, Cancellation));
        Assert.Equal(ProviderErrorKind.BlobNotFound, await FailsAsync(() => store.OpenReadAsync(blob.Digest, 0, 1, Cancellation)));
        Assert.Equal(CommitOutcome.Committed, await store.StreamAsync(blob, content));
    }

    [Fact]
    public async Task Other_clients_fetch_equal_bytes()
    {
        var skopeo = Prerequisite.Program("skopeo", "Debian package skopeo");
        var registry = await services.OciRegistryAsync();
        var name = NewName();
        var content = Random(100_000);
        var digest = Sha256Digest.Of(content);
        await Open(registry, name, anonymous: true).PutAsync(Describe(content), content);
        using var folder = new TemporaryFolder();

        var source = $"docker://{registry.Address.Authority}/{name}:{EvidenceManifest.Tag(digest)}";
        await ServiceProcess.RunAsync(
            skopeo, ["copy", "--src-tls-verify=false", source, $"dir:{folder["copy"]}"], folder.FullPath, TimeSpan.FromSeconds(60));

        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(folder["copy"], digest.Hex), Cancellation));
    }

    private static IBlobStore Open(OciRegistry registry, string? repository = null, string? password = null, bool anonymous = false) =>
        OciTesting.Open(
            [registry.Address, .. registry.Tokens is { } tokens ? new[] { tokens.Realm } : []],
            repository ?? NewName(),
            anonymous ? null : new OciCredentials(OciRegistry.UserName, password ?? registry.Password));

    // The registry forgets an upload by deleting its data; it leaves folders behind.
    private static string[] UnfinishedUploads(OciRegistry registry, string name)
    {
        var blobs = new DirectoryInfo(registry.BlobFile(new string('0', 64))).Parent!.Parent!.Parent!.Parent!;
        return Directory.GetFiles(
            Path.Combine(blobs.Parent!.FullName, "repositories", name, "_uploads"), "data", SearchOption.AllDirectories);
    }

    private static async Task<byte[]> ManifestAsync(OciRegistry registry, string name, Sha256Digest digest)
    {
        using var client = new HttpClient { BaseAddress = registry.Address };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(EvidenceManifest.MediaType));
        return await client.GetByteArrayAsync(new Uri($"v2/{name}/manifests/cas-{digest.Hex}", UriKind.Relative), Cancellation);
    }
}
