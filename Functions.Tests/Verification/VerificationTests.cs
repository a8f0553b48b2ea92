using System.Net;
using System.Text.Json;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Validation;
using CasFunctions.Verification;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Verification;

public sealed class VerificationTests(TestServices services)
{
    private static readonly byte[] Content = [1, 2, 3];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_altered_copy_is_found_told_to_the_owners_and_healed_by_the_next_upload_only()
    {
        await using var watched = await WatchedBackends.StartAsync(services);
        var tenant = watched.Tenant;
        (await tenant.PutArtifactAsync(Content)).Expect(HttpStatusCode.Created);
        Assert.Equal(("right", false), Outcome(await VerifyAsync(tenant)));
        await AlterAsync(tenant);

        Assert.Equal(("corrupt", true), Outcome(await VerifyAsync(tenant)));
        Assert.Equal(("corrupt", true), Outcome(await VerifyAsync(tenant)));

        (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(Content)}")).ExpectProblem(HttpStatusCode.BadGateway, "content-corrupt");
        await watched.PassAsync(TimeSpan.FromMinutes(6));
        Assert.Contains(Sha256Digest.Of(Content).ToString(), Assert.Single(watched.Mail.Mails, mail => mail.To.Contains(WatchedBackends.First)).Text, StringComparison.Ordinal);
        await watched.PassAsync(TimeSpan.FromMinutes(31));
        Assert.Single(watched.MailsTo(WatchedBackends.Second));

        (await tenant.PutArtifactAsync(Content)).Expect(HttpStatusCode.Created);
        Assert.Equal(("right", false), Outcome(await VerifyAsync(tenant)));
    }

    [Fact]
    public async Task A_copy_that_is_gone_is_corrupt_and_a_backend_that_can_not_be_read_says_nothing_of_it()
    {
        await using var watched = await WatchedBackends.StartAsync(services);
        var tenant = watched.Tenant;
        (await tenant.PutArtifactAsync(Content)).Expect(HttpStatusCode.Created);
        watched.Backends.Proxy.Break(_ => true, Fault.Answer(403));

        var unreadable = await VerifyAsync(tenant);

        Assert.Equal(("unreadable", false), Outcome(unreadable));
        Assert.False(string.IsNullOrEmpty(unreadable.GetProperty("reason").GetString()));
        watched.Backends.Proxy.Heal();
        await tenant.Container.GetBlobClient((await tenant.BlobsAsync()).Single()).DeleteAsync(cancellationToken: Cancellation);
        Assert.Equal(("corrupt", true), Outcome(await VerifyAsync(tenant)));
        (await tenant.PostAsync($"/v1/artifacts/{Sha256Digest.Of([9])}/verification", new { })).ExpectProblem(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task The_timer_reads_the_oldest_first_and_no_more_than_its_share()
    {
        const int Size = 1000;
        var clock = new ShiftedClock();
        await using var service = await CasService.StartAsync(
            services,
            settings: new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Verification:BytesPerDay"] = $"{Reverification.RunsPerDay * 2 * Size}" },
            configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        List<Sha256Digest> stored = [];
        for (byte i = 0; i < 5; i++)
        {
            var content = new byte[Size];
            content[0] = i;
            (await tenant.PutArtifactAsync(content)).Expect(HttpStatusCode.Created);
            stored.Add(Sha256Digest.Of(content));
            clock.Ahead += TimeSpan.FromMinutes(1);
        }

        var timer = service.Services.GetRequiredService<Reverification>();
        Assert.Equal(0, await timer.RunAsync(Cancellation));
        clock.Ahead += TimeSpan.FromDays(8);
        var started = clock.GetUtcNow();

        foreach (var (run, expected) in new[] { 2, 4, 5, 5 }.Index())
        {
            // The service's own timer may take a turn, and then ours finds it taken: in the end it is the same.
            await Eventually.TrueAsync(
                async token =>
                {
                    await timer.RunAsync(token);
                    return (await VerifiedSinceAsync()).Count >= expected;
                },
                TimeSpan.FromSeconds(30),
                Cancellation);
            Assert.True(expected != 2 || (await VerifiedSinceAsync()).SequenceEqual(stored[..2]), $"Run {run} did not take the oldest.");
        }

        async Task<List<Sha256Digest>> VerifiedSinceAsync()
        {
            List<Sha256Digest> verified = [];
            foreach (var digest in stored)
            {
                var descriptor = (await tenant.GetAsync($"/v1/artifacts/{digest}/descriptor")).Expect(HttpStatusCode.OK).Json;
                if (descriptor.GetProperty("annotations").GetProperty("casfunctions.verifiedAt").GetDateTimeOffset() >= started)
                {
                    verified.Add(digest);
                }
            }

            return verified;
        }
    }

    private static async Task<JsonElement> VerifyAsync(Tenant tenant) =>
        (await tenant.PostAsync($"/v1/artifacts/{Sha256Digest.Of(Content)}/verification", new { }))
            .Expect(HttpStatusCode.OK).Json.GetProperty("copies").EnumerateArray().Single();

    private static (string? Outcome, bool Corrupt) Outcome(JsonElement copy) =>
        (copy.GetProperty("outcome").GetString(), copy.TryGetProperty("corruptSince", out _));

    private static async Task AlterAsync(Tenant tenant) =>
        await tenant.Container.GetBlobClient((await tenant.BlobsAsync()).Single()).UploadAsync(new BinaryData(new byte[] { 3, 2, 1 }), overwrite: true, Cancellation);
}
