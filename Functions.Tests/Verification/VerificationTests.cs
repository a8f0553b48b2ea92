using System.Net;
using System.Text.Json;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Validation;
using CasFunctions.Verification;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

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
        (await tenant.PutArtifactAsync(Content, "sbom.json")).Expect(HttpStatusCode.Created);
        Assert.Equal(("right", false), Outcome(await VerifyAsync(tenant)));
        await AlterAsync(tenant);

        Assert.Equal(("corrupt", true), Outcome(await VerifyAsync(tenant)));
        Assert.Equal(("corrupt", true), Outcome(await VerifyAsync(tenant)));

        (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(Content)}")).ExpectProblem(HttpStatusCode.BadGateway, "content-corrupt");
        await watched.PassAsync(TimeSpan.FromMinutes(6));
        var told = Assert.Single(watched.Mail.Mails, mail => mail.To.Contains(WatchedBackends.First)).Text;
        Assert.Contains(Sha256Digest.Of(Content).ToString(), told, StringComparison.Ordinal);
        Assert.Contains("sbom.json", told, StringComparison.Ordinal);
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

    [Fact]
    public async Task A_copy_that_does_not_come_takes_no_other_one_s_turn()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(
            services,
            [proxy.Address.Port],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Cas:Verification:BytesPerDay"] = $"{Reverification.RunsPerDay}" },
            builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var tenant = await service.NewTenantAsync();
        (await tenant.PostAsync("/v1/backends", new
        {
            name = "slow",
            provider = "azure-blob",
            @default = true,
            settings = new { container = tenant.Container.Name },
            credentials = new { connectionString = proxy.Through(service.Azurite.ConnectionString) },
        })).Expect(HttpStatusCode.Created);
        (await tenant.PutArtifactAsync([1])).Expect(HttpStatusCode.Created);
        await tenant.AddAzureAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        (await tenant.PutArtifactAsync([2])).Expect(HttpStatusCode.Created);
        clock.Advance(TimeSpan.FromDays(8));
        proxy.Break(request => request.Method == "GET" && request.Path.EndsWith(Sha256Digest.Of([1]).Hex, StringComparison.Ordinal), Fault.Stall);

        var timer = service.Services.GetRequiredService<Reverification>();
        var running = Task.FromResult(0);
        await Eventually.TrueAsync(
            async _ =>
            {
                running = running.IsCompleted ? timer.RunAsync(Cancellation) : running;
                clock.Advance(TimeSpan.FromSeconds(20));
                return await AgeAsync(2) < TimeSpan.FromDays(1);
            },
            TimeSpan.FromSeconds(30),
            Cancellation);

        Assert.InRange(await AgeAsync(1), TimeSpan.FromDays(8), TimeSpan.MaxValue);
        proxy.Heal();
        await running;

        async Task<TimeSpan> AgeAsync(byte content)
        {
            var descriptor = (await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of([content])}/descriptor")).Expect(HttpStatusCode.OK).Json;
            return clock.GetUtcNow() - descriptor.GetProperty("annotations").GetProperty("casfunctions.verifiedAt").GetDateTimeOffset();
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
