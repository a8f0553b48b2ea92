using System.Net;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Conformance;

public abstract partial class ConformanceTests
{
    private static readonly Dictionary<string, string> NamesByKind = new(StringComparer.Ordinal)
    {
        ["spaces"] = "  my report .json ",
        ["quotes"] = "a \"quoted\" 'name'; filename=evil",
        ["CRLF"] = "a\r\nSet-Cookie: x=1\r\n\r\nbody",
        ["../"] = "../../etc/passwd",
        ["non-ASCII"] = "отчёт-報告-🦀.json",
        ["1,000 characters"] = new string('ñ', 1000),
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Part - 1)]
    [InlineData(Part)]
    [InlineData(Part + 1)]
    [InlineData(100 * 1024 * 1024)]
    public async Task Round_trip(int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);

        // Empty content has but one digest, and may be there from a case that ran earlier.
        var offer = await Tenant.CreateUploadAsync(Sha256Digest.Of(content), size, "report.bin");
        if (offer.Status != HttpStatusCode.OK)
        {
            (await Tenant.PutAsync(offer.Expect(HttpStatusCode.Created)["uploadUrl"]!, content)).Expect(HttpStatusCode.Created);
        }

        await AssertStoredAsync(content);
        if (size <= Large)
        {
            Assert.Equal(content, await store.ReadPastAsync(Sha256Digest.Of(content)));
        }
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task Range_reads(int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        await UploadAsync(content);
        var middle = size / 2;
        foreach (var (range, expected) in new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["bytes=0-0"] = content[..1],
            [$"bytes={middle - 1000}-{middle + 999}"] = content[(middle - 1000)..(middle + 1000)],
            [$"bytes={size - 5}-"] = content[^5..],
            ["bytes=-7"] = content[^7..],
            [$"bytes={size - 3}-{size + 1000}"] = content[^3..],
        })
        {
            var reply = await Tenant.SendAsync(HttpMethod.Get, PathOf(content), Tenant.OwnerToken, null, ("Range", range));
            Assert.Equal(expected, reply.Expect(HttpStatusCode.PartialContent).Body);
        }

        var outside = await Tenant.SendAsync(HttpMethod.Get, PathOf(content), Tenant.OwnerToken, null, ("Range", $"bytes={size}-"));
        outside.Expect(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task Another_client_fetches_equal_bytes(int size)
    {
        _notApplicable = store.NoOtherClientBecause;
        if (_notApplicable is not null)
        {
            return;
        }

        var content = Random(size);
        await UploadAsync(content, "report.json");
        using var folder = new TemporaryFolder();

        var file = await store.FetchWithOtherClientAsync(Sha256Digest.Of(content), folder);

        Assert.Equal(content, await File.ReadAllBytesAsync(file, Cancellation));
    }

    [Theory]
    [InlineData("spaces")]
    [InlineData("quotes")]
    [InlineData("CRLF")]
    [InlineData("../")]
    [InlineData("non-ASCII")]
    [InlineData("1,000 characters")]
    public async Task Names(string kind)
    {
        var name = NamesByKind[kind];
        var content = Random(1000);
        await UploadAsync(content, name);

        var descriptor = (await Tenant.GetAsync(PathOf(content) + "/descriptor")).Expect(HttpStatusCode.OK);
        Assert.Equal(name, descriptor["name"]);
        var fetched = (await Tenant.GetAsync(PathOf(content))).Expect(HttpStatusCode.OK);
        Assert.Equal(content, fetched.Body);
        Assert.DoesNotContain("Set-Cookie", fetched.Message.Headers.Select(field => field.Key));
        Assert.Equal(content, await store.ReadPastAsync(Sha256Digest.Of(content)));
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task Two_writers_of_one_digest(int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        var uploads = new[] { await Tenant.NewUploadAsync(digest, size, "one"), await Tenant.NewUploadAsync(digest, size, "two") };

        var replies = await Task.WhenAll(uploads.Select(upload => Tenant.PutAsync(upload, content)));

        Assert.All(replies, reply => reply.Expect(HttpStatusCode.Created));
        await AssertStoredAsync(content);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task A_foreign_object_at_the_key_is_replaced(int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        await store.PlantForeignAsync(digest, Random(size));
        (await Tenant.GetAsync(PathOf(content))).ExpectProblem(HttpStatusCode.NotFound, "not-found");

        await UploadAsync(content);

        await AssertStoredAsync(content);
        Assert.Equal(content, await store.ReadPastAsync(digest));
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task Content_altered_at_the_store_is_not_delivered_and_an_upload_never_hides_it(int size)
    {
        if (await IsTooLargeAsync(size))
        {
            return;
        }

        var content = Random(size);
        var digest = Sha256Digest.Of(content);
        await UploadAsync(content);
        await store.AlterAsync(digest, Random(size));
        await AssertNotDeliveredAsync(content);
        await Eventually.TrueAsync(
            async _ => (await Tenant.GetAsync(PathOf(content))).Code == "content-corrupt", Deadline, Cancellation);

        var upload = await Tenant.NewUploadAsync(digest, size);
        var reply = await Tenant.PutAsync(upload, content);

        if (store.HealsByUpload)
        {
            reply.Expect(HttpStatusCode.Created);
            await AssertStoredAsync(content);
            return;
        }

        _note = "a registry keeps the bytes that it has under a digest: the upload is refused, and the copy stays marked";
        reply.ExpectProblem(HttpStatusCode.BadGateway, "backend-rejected");
        (await Tenant.GetAsync(PathOf(content))).ExpectProblem(HttpStatusCode.BadGateway, "content-corrupt");
    }

    /// <summary>Content that breaks off or is refused; what arrives of it is not the whole.</summary>
    private async Task AssertNotDeliveredAsync(byte[] content)
    {
        Assert.Null(await TryReadAsync(Sha256Digest.Of(content)));
    }
}
