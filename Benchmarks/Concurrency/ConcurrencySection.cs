using System.Security.Cryptography;
using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Discarding;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Reporting;
using CasFunctions.Benchmarks.Servers;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Concurrency;

/// <summary>Several uploads at once: how fast they are together, and how much memory they take.</summary>
internal sealed class ConcurrencySection : ISection
{
    private const long StandardSize = 64L << 20;
    private const int PrefixSize = 16;
    private const int SlowPart = 500;
    private const long WantedBytesPerUpload = 40L << 20;

    /// <summary>After how long without uploads the service has given their buffers back: it looks once a minute, for the minute before.</summary>
    private static readonly TimeSpan UntilIdle = TimeSpan.FromSeconds(130);

    private static readonly IReadOnlyList<int> Counts = [1, 8, 64];

    /// <inheritdoc/>
    public string Letters => "f";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SectionReport>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var size = Math.Min(StandardSize, bench.Options.Size);
        var report = new SectionReport(
            "(f) Concurrent uploads",
            $"1, 8 and 64 uploads of {BenchOptions.ShowSize(size)} at once, each on a connection of its own, with a provider that "
            + $"discards at once, and with one that takes {SlowPart} ms for each part, so that every upload holds as much memory as "
            + "it ever does. Each row is a process of its own; memory is `VmHWM`, set back before each round, and for each upload "
            + "what is above the resident memory of the service when it is idle again after a first such upload, for which it loads and "
            + "compiles its code. The largest of all rounds counts.");
        var shared = Path.Combine(bench.Folder, "shared");
        bench.Status("Hashing");
        var contents = await CreateAsync(shared, size, cancellationToken);
        await using var tables = await Azurite.StartInMemoryAsync();
        var subjects = new List<Subject>();
        try
        {
            foreach (var count in Counts)
            {
                subjects.Add(await StartAsync(tables, count, 0));
                subjects.Add(await StartAsync(tables, count, SlowPart));
            }

            var idle = await SettleAsync(bench, subjects, size, shared, contents[0], cancellationToken);

            var variants = subjects.Select(subject => new Variant(subject.Name, async (_, token) =>
            {
                var organization = await subject.Service.NewOrganizationAsync(DiscardProvider.Backend(subject.Milliseconds));
                var job = new ConcurrentUploadsJob(
                    subject.Service.Address, organization.Token, size, shared, [.. contents.Take(subject.Count)]);
                return await bench.MeasureAsync(job, subject.Count * size / (1024.0 * 1024), subject.Service.Groups, token);
            })).ToList();
            var results = await bench.RunAsync("Concurrent uploads", variants, cancellationToken);
            Conclude(report, subjects, idle, results);
        }
        finally
        {
            foreach (var subject in subjects)
            {
                await subject.Service.DisposeAsync();
            }
        }

        return [report];
    }

    private static async Task<IReadOnlyList<PrefixedContent>> CreateAsync(string file, long size, CancellationToken cancellationToken)
    {
        await BulkContent.CreateAsync(file, size - PrefixSize, cancellationToken);
        var contents = new PrefixedContent[Counts.Max()];
        await Parallel.ForAsync(0, contents.Length, cancellationToken, async (i, token) =>
        {
            var prefix = RandomNumberGenerator.GetBytes(PrefixSize);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(prefix);
            await using var stream = File.OpenRead(file);
            var buffer = new byte[1024 * 1024];
            while (await stream.ReadAsync(buffer, token) is > 0 and var read)
            {
                hash.AppendData(buffer.AsSpan(0, read));
            }

            contents[i] = new PrefixedContent(new Sha256Digest(hash.GetHashAndReset()).ToString(), prefix);
        });
        return contents;
    }

    private static async Task<Subject> StartAsync(Azurite tables, int count, int milliseconds) => new(
        $"{count} at once, {(milliseconds == 0 ? "discarded at once" : $"{milliseconds} ms a part")}",
        count,
        milliseconds,
        await ServiceUnderTest.StartAsync(BenchPrograms.LikeService(ServeCommand.Name), tables, []));

    /// <summary>Lets each service do its first upload and become idle again.</summary>
    /// <returns>Their resident bytes then, by the subjects' names.</returns>
    private static async Task<IReadOnlyDictionary<string, long>> SettleAsync(
        Bench bench, List<Subject> subjects, long size, string shared, PrefixedContent content, CancellationToken cancellationToken)
    {
        foreach (var subject in subjects)
        {
            var organization = await subject.Service.NewOrganizationAsync(DiscardProvider.Backend(subject.Milliseconds));
            await bench.Client.RunAsync(
                new ConcurrentUploadsJob(subject.Service.Address, organization.Token, size, shared, [content]), cancellationToken);
        }

        bench.Status("Waiting until the services are idle");
        await Task.Delay(UntilIdle, cancellationToken);
        return subjects.ToDictionary(
            subject => subject.Name, subject => ProcessFacts.ResidentBytes(subject.Service.ProcessId), StringComparer.Ordinal);
    }

    private static void Conclude(SectionReport report, List<Subject> subjects, IReadOnlyDictionary<string, long> idle, RoundResults results)
    {
        var table = new FigureTable("Throughput and memory", ["", "MiB/s together", "peak memory", "for each upload", "CPU seconds"]);
        foreach (var subject in subjects)
        {
            var samples = results.Of(subject.Name);
            var peak = samples.Max(sample => sample.PeakBytes);
            var each = (peak - idle[subject.Name]) / (double)subject.Count;
            table.Add(
                subject.Name,
                results.Spread(subject.Name, sample => sample.Rate).Show("0"),
                peak is { } most ? Figures.MiB(most) : Figures.None,
                each is { } bytes ? Figures.MiB(bytes) : Figures.None,
                samples.Cpu());
            report.Goals.Add(new Goal(
                $"(f) memory for each of {subject.Name}",
                $"at most {Figures.MiB(WantedBytesPerUpload)}",
                each is { } seen ? Figures.MiB(seen) : Figures.None,
                each <= WantedBytesPerUpload));
        }

        var budget = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
        var highest = subjects.Max(subject => results.Of(subject.Name).Max(sample => sample.PeakBytes) - idle[subject.Name]);
        report.Goals.Add(new Goal(
            "(f) memory of all uploads together",
            $"at most the budget, {Figures.MiB(budget)}",
            highest is { } together ? Figures.MiB(together) : Figures.None,
            highest <= budget));
        report.Tables.Add(table);
        report.Failures.AddRange(results.Failures);
    }

    private sealed record Subject(string Name, int Count, int Milliseconds, ServiceUnderTest Service);
}
