using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CasFunctions.Tests.Uploads;

namespace CasFunctions.Benchmarks.Load;

/// <summary>Many large uploads at once, in rounds: memory may not grow from one to the next.</summary>
internal static class LargeUploads
{
    private const long MiB = 1024 * 1024;
    private const int ReadersAtOnce = 8;

    /// <summary>Runs them.</summary>
    public static async IAsyncEnumerable<LoadReport> RunAsync(
        LoadClient client,
        MemorySampler memory,
        int clients,
        int mib,
        int rounds,
        Func<Task> clear,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var round = 1; round <= rounds; round++)
        {
            var report = new LoadReport($"{clients} clients store {mib} MiB each by session and PUT, round {round}");
            var contents = Enumerable.Range(0, clients).Select(i => GeneratedContent.Create(mib * MiB, chunked: i % 2 == 0)).ToList();
            var times = new ConcurrentBag<TimeSpan>();
            memory.Reset();
            await using (var health = HealthProbe.Start(client))
            {
                var start = TimeProvider.System.GetTimestamp();
                await Task.WhenAll(contents.Select(async content =>
                {
                    await client.StoreBySessionAsync(content.Digest, () => content.Slice(0, content.Size), content.Size, report,
                        cancellationToken);
                    times.Add(TimeProvider.System.GetElapsedTime(start));
                }));
                report.Conclude(TimeProvider.System.GetElapsedTime(start), memory);
                health.AddTo(report);
            }

            report.Add("first and last done", $"{times.Min().TotalSeconds:0.0} s, {times.Max().TotalSeconds:0.0} s");
            memory.Reset();
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = ReadersAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(contents, parallel, async (content, token) =>
                await client.VerifyAsync(content.Digest, report, token));
            report.Add("read back", $"{contents.Count}, peak memory {memory.Peak}");
            await clear();
            yield return report;
        }
    }
}
