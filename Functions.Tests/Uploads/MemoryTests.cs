using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Uploads;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Uploads;

/// <summary>Memory, measured from outside on a process that only serves these uploads.</summary>
public sealed class MemoryTests(TestServices services)
{
    private const long MiB = 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_upload_and_its_download_take_no_more_memory_than_a_smaller_one()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("The peak of another process's memory is read from /proc.");
        }

        await using var service = await CasProcess.StartAsync(services);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        await TransferAsync(tenant, 256 * MiB, chunked: true);
        await TransferAsync(tenant, 256 * MiB, chunked: false);
        var before = service.PeakMemory;

        await TransferAsync(tenant, 1024 * MiB, chunked: true);
        await TransferAsync(tenant, 1024 * MiB, chunked: false);

        var after = service.PeakMemory;
        TestContext.Current.SendDiagnosticMessage($"peak {before / MiB} MiB after 256 MiB, {after / MiB} MiB after 1 GiB");
        Assert.InRange(after, 0, 200 * MiB);
        Assert.InRange(after, 0, before * 11 / 10);
    }

    [Fact]
    public async Task Two_hundred_stalled_clients_take_little_and_leave_room_for_another()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("The peak of another process's memory is read from /proc.");
        }

        const int Clients = 200;
        await using var service = await CasProcess.StartAsync(services);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var first = new byte[MiB];
        var stalled = new List<RawRequest>();
        try
        {
            for (var client = 0; client < Clients; client++)
            {
                var upload = await tenant.NewUploadAsync(Sha256Digest.Of(BitConverter.GetBytes(client)), 100 * MiB);
                var request = await RawRequest.OpenAsync(tenant.Address, "PUT", upload, client % 2 == 0 ? 100 * MiB : null, Cancellation);
                stalled.Add(request);
                await request.SendAsync(first, Cancellation);
            }

            var content = RandomNumberGenerator.GetBytes((int)(20 * MiB));
            var another = await tenant.PutArtifactAsync(content);

            another.Expect(HttpStatusCode.Created);
            TestContext.Current.SendDiagnosticMessage($"peak {service.PeakMemory / MiB} MiB with {Clients} stalled clients, another got {another.Status}");
            Assert.InRange(service.PeakMemory, 0, 450 * MiB);
        }
        finally
        {
            foreach (var request in stalled)
            {
                await request.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Of_uploads_that_wait_for_each_others_memory_one_gives_up_and_the_other_gets_it()
    {
        var time = new FakeTimeProvider();
        var options = new UploadOptions { MemoryBudget = 2 * UploadMemory.SegmentSize, MemoryWait = TimeSpan.FromSeconds(1) };
        using var memory = new UploadMemory(Options.Create(options), time);
        Assert.True(memory.TryRent(out var first));
        Assert.True(memory.TryRent(out _));
        List<Task<byte[]?>> waiting = [.. Enumerable.Range(0, 2).Select(_ => memory.RentAsync(Cancellation).AsTask())];

        time.Advance(TimeSpan.FromSeconds(1));

        var gaveUp = await Task.WhenAny(waiting);
        Assert.Null(await gaveUp);
        memory.Return(first);
        Assert.NotNull(await waiting.Single(task => task != gaveUp).WaitAsync(Deadline, Cancellation));
    }

    [Fact]
    public async Task When_the_budget_is_spent_uploads_are_put_off_and_none_is_wrong()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:Uploads:MemoryBudget"] = $"{16 * MiB}",
            ["Cas:Uploads:MemoryWait"] = "00:00:00.200",
        };
        await using var service = await CasService.StartAsync(services, settings: settings);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var memory = service.Services.GetRequiredService<UploadMemory>();
        var stalled = new List<RawRequest>();
        try
        {
            // Three uploads of 5 MiB that wait for the rest leave 1 MiB.
            for (var i = 0; i < 3; i++)
            {
                var upload = await tenant.NewUploadAsync(Sha256Digest.Of(BitConverter.GetBytes(i)), 6 * MiB);
                var request = await RawRequest.OpenAsync(tenant.Address, "PUT", upload, 6 * MiB, Cancellation);
                stalled.Add(request);
                await request.SendAsync(new byte[5 * MiB], Cancellation);
            }

            await Eventually.TrueAsync(_ => Task.FromResult(memory.Used >= 15 * MiB), Deadline, Cancellation);

            var refusal = (await tenant.PutArtifactAsync(RandomNumberGenerator.GetBytes((int)(2 * MiB)))).ExpectProblem(HttpStatusCode.ServiceUnavailable, "busy");
            Assert.True(refusal.Message.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            (await tenant.PutArtifactAsync(RandomNumberGenerator.GetBytes(1000))).Expect(HttpStatusCode.Created);
        }
        finally
        {
            foreach (var request in stalled)
            {
                await request.DisposeAsync();
            }
        }

        await Eventually.TrueAsync(_ => Task.FromResult(memory.Used == 0), Deadline, Cancellation);

        // Together they need many times the budget.
        var contents = Enumerable.Range(0, 12).Select(_ => RandomNumberGenerator.GetBytes((int)(12 * MiB))).ToList();
        var replies = await Task.WhenAll(contents.Select(content => tenant.PutArtifactAsync(content)));

        Assert.Contains(replies, reply => reply.Status == HttpStatusCode.Created);
        Assert.All(replies.Zip(contents), pair => Assert.True(
            pair.First.Status == HttpStatusCode.Created || pair.First.Code == "busy", $"{pair.First.Status} {pair.First.Code}"));
        await Eventually.TrueAsync(_ => Task.FromResult(memory.Used == 0), Deadline, Cancellation);
        foreach (var (reply, content) in replies.Zip(contents))
        {
            var fetched = await tenant.GetAsync($"/v1/artifacts/{Sha256Digest.Of(content)}");
            Assert.True(reply.Status == HttpStatusCode.Created ? fetched.Body.AsSpan().SequenceEqual(content) : fetched.Status == HttpStatusCode.NotFound);
        }

        Assert.Equal(0, memory.Used);
    }

    private static async Task TransferAsync(Tenant tenant, long size, bool chunked)
    {
        var content = GeneratedContent.Create(size, chunked);
        var upload = await tenant.NewUploadAsync(content.Digest, size);
        (await tenant.SendAsync(HttpMethod.Put, upload, null, content)).Expect(HttpStatusCode.Created);
        using var reply = await tenant.OpenAsync(content.Digest);
        await using var body = await reply.Content.ReadAsStreamAsync(Cancellation);
        Assert.Equal(content.Digest.Hex, Convert.ToHexStringLower(await SHA256.HashDataAsync(body, Cancellation)));

        // Room for the next one: Azurite keeps what it is given.
        await tenant.Container.DeleteBlobAsync(content.Digest.ToString(), cancellationToken: Cancellation);
    }
}
