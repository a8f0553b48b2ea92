using System.Buffers;
using CasFunctions.Providers;
using CasFunctions.Providers.Oci;
using CasFunctions.Tests.Fakes;
using Microsoft.AspNetCore.Http;
using static CasFunctions.Tests.Providers.Oci.OciTesting;

namespace CasFunctions.Tests.Providers.Oci;

/// <summary>Uploads to registries with other habits than the distribution project's.</summary>
public sealed class OciUploadHabitsTests : IAsyncLifetime
{
    private static readonly OciCredentials Known = new(FakeRegistry.Username, FakeRegistry.Password);

    private FakeRegistry _registry = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _registry = await FakeRegistry.StartAsync();

    public ValueTask DisposeAsync() => _registry.DisposeAsync();

    [Fact]
    public async Task All_parts_go_into_one_patch_with_its_length()
    {
        var content = Random((2 * PartSize) + 17);
        var blob = Describe(content);

        await Store().StreamAsync(blob, content);

        Assert.Equal(content, _registry.Blobs[blob.Digest.ToString()]);
        Assert.Single(_registry.Requests, request => request.Method == "PATCH" && request.ContentLength == content.Length);
    }

    [Theory]
    [InlineData(StatusCodes.Status201Created, true)]
    [InlineData(StatusCodes.Status202Accepted, true)]
    [InlineData(StatusCodes.Status204NoContent, true)]
    [InlineData(StatusCodes.Status202Accepted, false)]
    public async Task Patch_may_be_answered_with_any_of_the_known_statuses(int status, bool withLocation)
    {
        _registry.PatchStatus = status;
        _registry.PatchLocation = id => withLocation ? $"/v2/uploads/{id}" : null;
        var content = Random(1000);

        Assert.Equal(CommitOutcome.Committed, await Store().PutAsync(Describe(content), content));
    }

    [Fact]
    public async Task The_query_of_an_absolute_location_is_kept_as_it_is()
    {
        _registry.Location = id => new Uri(_registry.Address, $"/sessions/{id}?sig=a%2Fb%3D&state=x+y").ToString();
        var content = Random(1000);

        await Store().PutAsync(Describe(content), content);

        var put = _registry.Requests.First(
            request => request.Method == "PUT" && request.Path.StartsWith("/sessions/", StringComparison.Ordinal));
        Assert.StartsWith("?sig=a%2Fb%3D&state=x+y&digest=sha256", put.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_at_another_address_gets_no_credentials()
    {
        await using var elsewhere = await FakeRegistry.StartAsync();
        _registry.WithTokens();
        _registry.Location = id => new Uri(elsewhere.Address, $"/u/{id}").ToString();
        elsewhere.Location = id => $"/u/{id}";
        _registry.Blobs[EvidenceManifest.EmptyConfigDigest.ToString()] = EvidenceManifest.EmptyConfig.ToArray();
        var content = Random(1000);
        var blob = Describe(content);

        await Store(elsewhere.Address).PutAsync(blob, content);

        Assert.Equal(content, elsewhere.Blobs[blob.Digest.ToString()]);
        Assert.All(elsewhere.Requests, request => Assert.Null(request.Authorization));
        Assert.Contains(_registry.Requests, request => request.Authorization is not null);
    }

    [Theory]
    [InlineData("http://192.168.7.7/upload", ProviderErrorKind.AddressRefused)]
    [InlineData("https://10.0.0.1/upload", ProviderErrorKind.AddressRefused)]
    [InlineData("file:///etc/passwd", ProviderErrorKind.Unexpected)]
    [InlineData(null, ProviderErrorKind.Unexpected)]
    public async Task Locations_that_lead_astray_are_refused(string? location, ProviderErrorKind kind)
    {
        _registry.Location = _ => location;

        Assert.Equal(kind, await FailsAsync(() => Store().PutAsync(Describe([1]), [1])));
    }

    [Fact]
    public async Task Content_that_is_too_large_is_refused_before_its_body_is_spent()
    {
        _registry.Before = context => IfAsync(
            context, "PATCH", () => FakeRegistry.FailAsync(context, StatusCodes.Status413PayloadTooLarge, "SIZE_INVALID"));
        var content = Random(3 * PartSize);
        await using var upload = await Store().OpenUploadAsync(Describe(content), uploadId: null, Cancellation);

        var part = new ReadOnlySequence<byte>(content.AsMemory(0, PartSize));
        var kind = await FailsAsync(() => upload.WritePartAsync(1, part, Cancellation));

        Assert.Equal(ProviderErrorKind.Rejected, kind);
    }

    [Fact]
    public async Task Limits_on_chunks_do_not_apply_to_the_one_body()
    {
        // As GitHub's registry does: what comes in chunks may have 4 MiB each.
        _registry.Before = async context =>
        {
            var chunk = context.Request.Method == "PATCH"
                && (context.Request.ContentLength is null || context.Request.Headers.ContainsKey("Content-Range"));
            if (chunk)
            {
                await FakeRegistry.FailAsync(context, StatusCodes.Status413PayloadTooLarge, "SIZE_INVALID");
            }

            return chunk;
        };
        var content = Random((2 * PartSize) + 1);

        Assert.Equal(CommitOutcome.Committed, await Store().StreamAsync(Describe(content), content));
    }

    [Fact]
    public async Task A_connection_that_is_cut_midway_fails_the_upload_and_frees_the_part()
    {
        _registry.Before = context => IfAsync(context, "PATCH", async () =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1000], Cancellation);
            context.Abort();
        });
        var content = Random(3 * PartSize);
        await using var upload = await Store().OpenUploadAsync(Describe(content), uploadId: null, Cancellation);

        var kind = await FailsAsync(async () =>
        {
            for (var part = 1; part <= 3; part++)
            {
                var bytes = content.AsMemory((part - 1) * PartSize, PartSize);
                await upload.WritePartAsync(part, new ReadOnlySequence<byte>(bytes), Cancellation);
            }

            await upload.CommitAsync(["1", "2", "3"], Cancellation);
        });

        Assert.Equal(ProviderErrorKind.Unreachable, kind);
        Assert.Empty(_registry.Blobs);
        Assert.Empty(_registry.Manifests);
    }

    [Fact]
    public async Task A_caller_that_gives_up_ends_the_upload()
    {
        var reached = new TaskCompletionSource();
        var gone = new TaskCompletionSource();
        _registry.Before = context => IfAsync(context, "PATCH", async () =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1000], Cancellation);
            reached.SetResult();
            await gone.Task;
        });
        var content = Random(3 * PartSize);
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var upload = await Store().OpenUploadAsync(Describe(content), uploadId: null, Cancellation);

        var writing = upload.WritePartAsync(1, new ReadOnlySequence<byte>(content), impatient.Token);
        await reached.Task.WaitAsync(Cancellation);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        gone.SetResult();
        await upload.DisposeAsync();
        Assert.Empty(_registry.Uploads);
    }

    [Fact]
    public async Task Parts_of_an_earlier_request_are_known_to_be_lost()
    {
        await using var upload = await Store().OpenUploadAsync(Describe(Random(PartSize + 1)), uploadId: "", Cancellation);

        Assert.False(upload.CanResume);
        Assert.Equal(
            ProviderErrorKind.UploadLost, await FailsAsync(() => upload.WritePartAsync(2, new ReadOnlySequence<byte>([1]), Cancellation)));
        Assert.Equal(ProviderErrorKind.UploadLost, await FailsAsync(() => upload.CommitAsync(["1", "2"], Cancellation)));
    }

    [Fact]
    public async Task A_lost_reply_to_the_last_step_does_not_lose_the_content()
    {
        var lost = false;
        _registry.Before = async context =>
        {
            if (lost || context.Request.Method != "PUT")
            {
                return false;
            }

            // The registry has the blob, and the connection breaks before it can say so.
            lost = true;
            var digest = context.Request.Query["digest"].ToString();
            _registry.Blobs[digest] = Content;
            foreach (var id in _registry.Uploads)
            {
                _registry.Forget(id);
            }

            context.Abort();
            return await Task.FromResult(true);
        };
        _registry.Blobs[EvidenceManifest.EmptyConfigDigest.ToString()] = EvidenceManifest.EmptyConfig.ToArray();

        Assert.Equal(CommitOutcome.Committed, await Store().StreamAsync(Describe(Content), Content));
        Assert.True(lost);
    }

    [Fact]
    public async Task Content_that_the_registry_had_before_is_sent_again_and_has_to_be_proven_by_reading()
    {
        var store = Store();
        var content = Random(1000);
        var digest = Describe(content).Digest;
        await store.PutAsync(Describe(content), content);
        _registry.Blobs[digest.ToString()] = Random(1000);

        Assert.Equal(CommitOutcome.Displaced, await store.PutAsync(Describe(content, nonce: "nonce-2"), content));
        Assert.Equal(CommitOutcome.Displaced, await store.StreamAsync(Describe(content, nonce: "nonce-3"), content));

        // This registry takes what is pushed again; others keep what they have.
        Assert.Equal(content, _registry.Blobs[digest.ToString()]);
        Assert.Equal("nonce-3", (await store.FindAsync(digest, Cancellation))!.Nonce);
    }

    [Fact]
    public async Task A_config_that_was_collected_is_pushed_again()
    {
        var store = Store();
        await store.PutAsync(Describe([1]), [1]);
        _registry.Blobs.Clear();

        Assert.Equal(CommitOutcome.Committed, await store.PutAsync(Describe([2]), [2]));
    }

    [Theory]
    [InlineData(StatusCodes.Status400BadRequest)]
    [InlineData(StatusCodes.Status403Forbidden)]
    [InlineData(StatusCodes.Status409Conflict)]
    [InlineData(StatusCodes.Status412PreconditionFailed)]
    public async Task Where_tags_are_immutable_the_first_manifest_stands(int status)
    {
        var store = Store();
        var content = Random(100);
        await store.PutAsync(Describe(content), content);
        _registry.Before = async context =>
        {
            var refused = context.Request.Method == "PUT" && context.Request.Path.Value!.Contains("/manifests/", StringComparison.Ordinal);
            if (refused)
            {
                await FakeRegistry.FailAsync(context, status, "TAG_INVALID");
            }

            return refused;
        };

        Assert.Equal(CommitOutcome.Displaced, await store.PutAsync(Describe(content, nonce: "nonce-2"), content));
        await Assert.ThrowsAsync<ProviderException>(() => store.PutAsync(Describe([9]), [9]));
    }

    [Fact]
    public async Task A_registry_that_stumbles_over_another_writer_of_the_same_blob_is_asked_again()
    {
        var refusals = 2;
        _registry.Before = async context =>
        {
            var refused = context.Request.Method == "PUT"
                && context.Request.Path.Value!.Contains("/manifests/", StringComparison.Ordinal)
                && refusals-- > 0;
            if (refused)
            {
                await FakeRegistry.FailAsync(context, StatusCodes.Status400BadRequest, "DIGEST_INVALID");
            }

            return refused;
        };

        Assert.Equal(CommitOutcome.Committed, await Store().PutAsync(Describe(Content), Content));
        Assert.Single(_registry.Manifests);
    }

    private static readonly byte[] Content = Random(1000);

    private static async Task<bool> IfAsync(HttpContext context, string method, Func<Task> answer)
    {
        if (context.Request.Method != method)
        {
            return false;
        }

        await answer();
        return true;
    }

    private IBlobStore Store(params Uri[] others) => Open([_registry.Address, .. others], "a/b", Known);
}
