using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;

namespace CasFunctions.Benchmarks.Load;

/// <summary>
/// Clients that vanish, crawl, or promise what they don't send. The service has to keep answering and to free what they held.
/// </summary>
internal static class HostileClients
{
    private const long MiB = 1024 * 1024;
    private const int CutRounds = 3;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>Clients that vanish in the middle of a body, in rounds.</summary>
    public static async IAsyncEnumerable<LoadReport> CutAsync(
        LoadClient client, MemorySampler memory, int clients, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var part = RandomNumberGenerator.GetBytes((int)(3 * MiB));
        for (var round = 1; round <= CutRounds; round++)
        {
            var report = new LoadReport($"{clients} clients vanish after 3 of 64 MiB, round {round}");
            await RunAsync(report, client, memory, async () =>
            {
                var uploads = await OpenAsync(client, clients, 64 * MiB, report, cancellationToken);
                await Task.WhenAll(uploads.Select((upload, i) => RawRequest.SendPartAndCutAsync(
                    client.Address, "PUT", upload, part, i % 2 == 0 ? 64 * MiB : null, cancellationToken)));
            });
            yield return report;
        }
    }

    /// <summary>Clients that send a byte a second.</summary>
    public static async IAsyncEnumerable<LoadReport> CrawlAsync(
        LoadClient client,
        MemorySampler memory,
        int clients,
        TimeSpan duration,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var report = new LoadReport($"{clients} clients send a byte a second");
        await RunAsync(report, client, memory, async () =>
        {
            var uploads = await OpenAsync(client, clients, MiB, report, cancellationToken);
            var requests = await Task.WhenAll(uploads.Select((upload, i) => RawRequest.OpenAsync(
                client.Address, "PUT", upload, i % 2 == 0 ? MiB : null, cancellationToken)));
            var start = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(start) < duration)
            {
                await Task.WhenAll(requests.Select(request => request.SendAsync(new byte[1], cancellationToken)));
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            }

            await HonestAsync(client, report, cancellationToken);
            foreach (var request in requests)
            {
                await request.DisposeAsync();
            }
        });
        yield return report;
    }

    /// <summary>Clients that promise 1 TiB and send nothing.</summary>
    public static async IAsyncEnumerable<LoadReport> PromiseAsync(
        LoadClient client, MemorySampler memory, int clients, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var report = new LoadReport($"{clients} clients promise 1 TiB and send nothing, half of them without credentials");
        await RunAsync(report, client, memory, async () =>
        {
            var uploads = await OpenAsync(client, clients / 2, 32L << 30, report, cancellationToken);
            var requests = await Task.WhenAll(Enumerable.Range(0, clients).Select(i => RawRequest.OpenAsync(
                client.Address,
                "PUT",
                i < uploads.Count ? uploads[i] : $"/v1/artifacts/{Sha256Digest.Of(BitConverter.GetBytes(i))}",
                1L << 40,
                cancellationToken)));
            await HonestAsync(client, report, cancellationToken);
            foreach (var request in requests)
            {
                await request.DisposeAsync();
            }
        });
        yield return report;
    }

    private static async Task RunAsync(LoadReport report, LoadClient client, MemorySampler memory, Func<Task> attack)
    {
        memory.Reset();
        await using var health = HealthProbe.Start(client);
        var start = TimeProvider.System.GetTimestamp();
        await attack();
        await Task.Delay(Settling, TimeProvider.System);
        report.Conclude(TimeProvider.System.GetElapsedTime(start), memory);
        report.Add("memory afterwards", memory.Now.ToString());
        health.AddTo(report);
    }

    // Others have to get through meanwhile.
    private static async Task HonestAsync(LoadClient client, LoadReport report, CancellationToken cancellationToken)
    {
        var content = RandomNumberGenerator.GetBytes((int)MiB);
        var digest = Sha256Digest.Of(content);
        await client.StoreAsync(digest, () => new ByteArrayContent(content), content.Length, report, cancellationToken);
        await client.VerifyAsync(digest, report, cancellationToken);
    }

    private static async Task<IReadOnlyList<string>> OpenAsync(
        LoadClient client, int count, long size, LoadReport report, CancellationToken cancellationToken)
    {
        var uploads = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            var digest = Sha256Digest.Of(RandomNumberGenerator.GetBytes(16));
            if (await client.NewUploadAsync(digest, size, report, cancellationToken) is { } upload)
            {
                uploads.Add(upload);
            }
        }

        return uploads;
    }
}
