using System.Net;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Conformance;

public abstract partial class ConformanceTests
{
    public enum Wrong
    {
        Content,
        TooShort,
        TooLong,
    }

    [Theory]
    [InlineData(Wrong.Content, Small)]
    [InlineData(Wrong.Content, Large)]
    [InlineData(Wrong.TooShort, Small)]
    [InlineData(Wrong.TooShort, Large)]
    [InlineData(Wrong.TooLong, Small)]
    [InlineData(Wrong.TooLong, Large)]
    public async Task Wrong_content_leaves_nothing_readable(Wrong wrong, int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var altered = content.ToArray();
        altered[^1] ^= 1;
        var upload = await Tenant.NewUploadAsync(Sha256Digest.Of(content), size);

        var reply = await Tenant.PutAsync(upload, wrong switch
        {
            Wrong.TooShort => content[..^1],
            Wrong.TooLong => [.. content, 0],
            _ => altered,
        });

        reply.ExpectProblem(HttpStatusCode.BadRequest, wrong == Wrong.Content ? "digest-mismatch" : "size-mismatch");
        await AssertNothingStoredAsync(content);
        (await Tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        await AssertStoredAsync(content);
    }

    [Fact]
    public async Task Missing_content()
    {
        await AssertNothingStoredAsync(Random(10));

        var content = Random(Small);
        await UploadAsync(content);
        await store.RemoveAsync(Sha256Digest.Of(content));

        (await Tenant.GetAsync(PathOf(content))).ExpectProblem(HttpStatusCode.BadGateway, "content-corrupt");
        await UploadAsync(content);
        await AssertStoredAsync(content);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task An_upload_that_is_given_up(int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        var upload = await Tenant.NewUploadAsync(digest, size);
        await RawRequest.SendPartAndCutAsync(Tenant.Address, "PUT", upload, content.AsMemory(0, size - 10), size, Cancellation);
        if (size > Part && store.PartsStayBecause is { } reason)
        {
            _note = reason;
        }
        else
        {
            await Eventually.TrueAsync(async _ => await store.UnfinishedAsync(digest) == 0, Deadline, Cancellation);
        }

        (await Tenant.DeleteAsync(upload)).Expect(HttpStatusCode.NoContent);

        await AssertNothingStoredAsync(content);
        (await Tenant.PutAsync(upload, content)).ExpectProblem(HttpStatusCode.Gone, "upload-ended");
        await UploadAsync(content);
        await AssertStoredAsync(content);
    }

    [Fact]
    public async Task A_service_killed_in_mid_upload()
    {
        var size = (int)Math.Min(2 * Part, store.MaxSize);
        await using var process = await store.StartProcessAsync();
        var tenant = await process.NewTenantAsync();
        if (store.Place.Length > 0)
        {
            await store.AddBackendAsync(tenant, await store.NewPlaceAsync());
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        var upload = await tenant.NewUploadAsync(digest, size);
        await using (var request = await RawRequest.OpenAsync(tenant.Address, "PUT", upload, size, Cancellation))
        {
            var before = store.Proxy.Requests.Count;
            await request.SendAsync(content.AsMemory(0, size - 1000), Cancellation);
            if (size > Part)
            {
                await Eventually.TrueAsync(
                    _ => Task.FromResult(store.Proxy.Requests.Skip(before).Any(sent => store.IsContent(sent, digest))), Deadline, Cancellation);
            }

            await process.KillAsync();
        }

        await process.StartAsync();

        (await tenant.GetAsync(PathOf(content))).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        (await tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
        Assert.Equal(content, (await tenant.GetAsync(PathOf(content))).Expect(HttpStatusCode.OK).Body);
    }

    [Fact]
    public async Task Wrong_credentials()
    {
        _notApplicable = store.NoCredentialsBecause;
        if (_notApplicable is not null)
        {
            return;
        }

        var refusal = (await store.AddWithWrongCredentialsAsync(store.Place)).ExpectProblem(HttpStatusCode.UnprocessableEntity, "backend-check-failed");

        Assert.DoesNotContain("not the", refusal["detail"], StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Exception", refusal["detail"], StringComparison.Ordinal);
        (await Tenant.GetAsync("/v1/backends/wrong")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task A_missing_bucket_container_or_repository()
    {
        _notApplicable = store.NoMissingPlaceBecause;
        if (_notApplicable is null)
        {
            (await store.AddMissingAsync()).ExpectProblem(HttpStatusCode.UnprocessableEntity, "backend-check-failed");
        }
        else if (store.Place.Length > 0)
        {
            (await store.AddMissingAsync()).Expect(HttpStatusCode.Created);
        }
    }

    [Fact]
    public async Task A_bucket_container_or_repository_that_disappears()
    {
        _notApplicable = store.PlaceStaysBecause;
        if (_notApplicable is not null)
        {
            return;
        }

        var tenant = await store.NewTenantAsync();
        var place = await store.NewPlaceAsync();
        await store.AddBackendAsync(tenant, place);
        await store.RemovePlaceAsync(place);
        foreach (var size in new[] { Small, Large })
        {
            var content = Random(size);
            var upload = await tenant.NewUploadAsync(Sha256Digest.Of(content), size);

            (await tenant.PutAsync(upload, content)).ExpectProblem(HttpStatusCode.BadGateway, "backend-failed");

            (await tenant.GetAsync(PathOf(content))).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        }
    }
}
