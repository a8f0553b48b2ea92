using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;

namespace CasFunctions.Tests.Conformance;

/// <summary>
/// What every provider has to do alike, through the API of a running service. Each provider's class inherits all cases. A case that a
/// provider can't have by its nature checks what happens instead, and the report says "n/a" with the reason.
/// </summary>
[TestCaseOrderer(typeof(LongestWaitLast))]
public abstract partial class ConformanceTests(StoreUnderTest store, ConformanceReport report) : IAsyncLifetime
{
    private const int Part = 8 * 1024 * 1024;
    private const int Small = 100_000;
    private const int Large = Part + 1000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private string? _notApplicable;
    private string? _note;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Tenant Tenant => store.Tenant;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => await store.StartAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        report.Add(store.Name, _notApplicable, _note);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private static byte[] Random(int size) => RandomNumberGenerator.GetBytes(size);

    private static string PathOf(byte[] content) => $"/v1/artifacts/{Sha256Digest.Of(content)}";

    /// <summary>True when the provider takes no content of this size, which is checked.</summary>
    private async Task<bool> IsTooLargeAsync(int size)
    {
        if (size <= store.MaxSize)
        {
            return false;
        }

        (await Tenant.CreateUploadAsync(Sha256Digest.Of(Random(10)), size)).ExpectProblem(HttpStatusCode.RequestEntityTooLarge, "content-too-large");
        _notApplicable = $"at most {store.MaxSize / 1024} KiB; larger content is refused with 413";
        return true;
    }

    private async Task UploadAsync(byte[] content, string? name = null)
    {
        var upload = await Tenant.NewUploadAsync(Sha256Digest.Of(content), content.Length, name);
        (await Tenant.PutAsync(upload, content)).Expect(HttpStatusCode.Created);
    }

    private async Task AssertStoredAsync(byte[] content)
    {
        var fetched = (await Tenant.GetAsync(PathOf(content))).Expect(HttpStatusCode.OK);
        Assert.True(fetched.Body.AsSpan().SequenceEqual(content), "What comes back is not what was sent.");
    }

    private async Task AssertNothingStoredAsync(byte[] content)
    {
        (await Tenant.GetAsync(PathOf(content))).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        Assert.Null(await store.ReadPastAsync(Sha256Digest.Of(content)));
    }
}
