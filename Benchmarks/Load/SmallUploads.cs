using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CasFunctions.Digests;

namespace CasFunctions.Benchmarks.Load;

/// <summary>Many clients that store one small content after the other, all different.</summary>
internal static class SmallUploads
{
    private const int Size = 10 * 1024;
    private const int ReadBackOneIn = 50;

    /// <summary>Runs them.</summary>
    public static async IAsyncEnumerable<LoadReport> RunAsync(
        LoadClient client,
        MemorySampler memory,
        int clients,
        TimeSpan duration,
        bool sessions,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var report = new LoadReport($"{clients} clients store {Size / 1024} KiB each, {(sessions ? "by session and PUT" : "in one call")}");
        var stored = new ConcurrentBag<Sha256Digest>();
        memory.Reset();
        await using var health = HealthProbe.Start(client);
        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(number => Task.Run(() => LoopAsync(number), cancellationToken)));
        var elapsed = TimeProvider.System.GetElapsedTime(start);
        report.Conclude(elapsed, memory);
        health.AddTo(report);

        var sample = stored.Where((_, i) => i % ReadBackOneIn == 0).ToList();
        await Parallel.ForEachAsync(sample, cancellationToken, async (digest, token) => await client.VerifyAsync(digest, report, token));
        report.Add("read back", $"{sample.Count}");
        yield return report;

        async Task LoopAsync(int number)
        {
            var random = new Random(number);
            var bytes = new byte[Size];
            while (TimeProvider.System.GetElapsedTime(start) < duration && report.Errors.Count < 100)
            {
                random.NextBytes(bytes);
                Guid.NewGuid().TryWriteBytes(bytes);
                var digest = Sha256Digest.Of(bytes);
                await (sessions
                    ? client.StoreBySessionAsync(digest, () => new ByteArrayContent(bytes), Size, report, cancellationToken)
                    : client.StoreAsync(digest, () => new ByteArrayContent(bytes), Size, report, cancellationToken));
                stored.Add(digest);
            }
        }
    }
}
