using System.Security.Cryptography;
using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Discarding;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Reporting;
using CasFunctions.Benchmarks.Servers;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Growth;

/// <summary>How latencies grow with the index, beside those of the emulator's own tables.</summary>
internal sealed class GrowthSection : ISection
{
    private const int CallsPerRound = 20;
    private const int Size = 10 * 1024;
    private const int Lines = 50;
    private const double WantedGrowth = 1.20;
    private const string Create = "create: PUT of 10 KiB";
    private const string Lookup = "lookup: descriptor";
    private const string Listing = "listing: 50 lines";
    private const string RawWrite = "tables alone: query of one key, insert into index and listing";
    private const string RawQuery = "tables alone: query of one key";
    private const string RawRead = "tables alone: point read";
    private const string RawListing = "tables alone: first 50 rows of a partition";

    private static readonly IReadOnlyList<(string Ours, string Control)> Pairs =
        [(Create, RawWrite), (Lookup, RawQuery), (Listing, RawListing)];

    /// <inheritdoc/>
    public string Letters => "g";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SectionReport>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        IReadOnlyList<int> sizes = bench.Options.Full ? [1_000, 10_000, 100_000] : [1_000, 10_000];
        var report = new SectionReport(
            "(g) Growth of the index",
            "One organization, one connection, with the provider that discards. The index is filled by copying the rows of one "
            + $"artifact; that the copies count is looked up through the service. A round is {CallsPerRound} calls of each kind, its "
            + "value their median. Azurite is an emulator that keeps tables in one process's memory and searches them row by row: "
            + "what it costs itself at each size is measured beside, with the same accesses that the service makes, and growth counts "
            + "relative to that.");
        await using var tables = await Azurite.StartInMemoryAsync();
        await using var service = await ServiceUnderTest.StartAsync(BenchPrograms.LikeService(ServeCommand.Name), tables, []);
        var organization = await service.NewOrganizationAsync(DiscardProvider.Backend());
        using (var wire = new HttpWire(service.Address))
        {
            var first = RandomNumberGenerator.GetBytes(Size);
            Store(wire, organization, Sha256Digest.Of(first), first);
        }

        var rows = await ArtifactRows.ReadAsync(tables.ConnectionString, service.TablePrefix, organization.Name, cancellationToken);
        var bySize = new List<(int Size, RoundResults Results)>();
        foreach (var size in sizes)
        {
            bench.Status($"Growing the index to {size} artifacts");
            await rows.GrowAsync(size, cancellationToken);
            using var wire = new HttpWire(service.Address);
            Find(wire, organization, size - 1);
            bySize.Add((size, await bench.RunAsync($"{size} artifacts", Variants(service, organization, rows, wire), cancellationToken)));
        }

        Conclude(report, bySize);
        return [report];
    }

    private static List<Variant> Variants(ServiceUnderTest service, BenchOrganization organization, ArtifactRows rows, HttpWire wire)
    {
        // Beyond all that was copied, so that no two sizes insert the same.
        var inserted = 1_000_000 + (rows.Count * 10);
        return
        [
            Timed(Create, () =>
            {
                var content = RandomNumberGenerator.GetBytes(Size);
                var digest = Sha256Digest.Of(content);
                return _ =>
                {
                    Store(wire, organization, digest, content);
                    return Task.CompletedTask;
                };
            }),
            Timed(RawWrite, () => async token =>
            {
                await rows.FindAsync(++inserted, token);
                await rows.InsertAsync(inserted, token);
            }),
            Timed(Lookup, () => _ =>
            {
                Find(wire, organization, Any());
                return Task.CompletedTask;
            }),
            Timed(RawQuery, () => token => rows.FindAsync(Any(), token)),
            Timed(RawRead, () => token => rows.ReadAsync(Any(), token)),
            Timed(Listing, () => _ =>
            {
                wire.Send("GET", $"/v1/artifacts?limit={Lines}", organization.Token);
                wire.ReadAnswer().Expect(200);
                return Task.CompletedTask;
            }),
            Timed(RawListing, () => token => rows.ListAsync(Lines, token)),
        ];

        int Any() => RandomNumberGenerator.GetInt32(1, rows.Count);

        Variant Timed(string name, Func<Func<CancellationToken, Task>> prepare) => new(name, async (_, token) =>
        {
            var times = new List<double>();
            var meter = CpuMeter.Start(service.Groups);
            for (var i = 0; i < CallsPerRound; i++)
            {
                var call = prepare();
                var start = TimeProvider.System.GetTimestamp();
                await call(token);
                times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            }

            return new Sample(times.Sum() / 1000, CallsPerRound, meter.Stop()) { Latencies = times };
        });
    }

    private static void Store(HttpWire wire, BenchOrganization organization, Sha256Digest digest, byte[] content)
    {
        wire.Send("PUT", $"/v1/artifacts/{digest}?name=content.bin", organization.Token, content);
        wire.ReadAnswer().Expect(201);
    }

    private static void Find(HttpWire wire, BenchOrganization organization, int number)
    {
        wire.Send("GET", $"/v1/artifacts/{ArtifactRows.DigestOf(number)}/descriptor", organization.Token);
        wire.ReadAnswer().Expect(200);
    }

    private static double Median(Sample sample) => Spread.Quantile(sample.Latencies, 0.50);

    private static void Conclude(SectionReport report, List<(int Size, RoundResults Results)> bySize)
    {
        var latencies = new FigureTable("Latency in ms", ["", .. bySize.Select(at => $"{at.Size} artifacts")]);
        foreach (var name in (string[])[Create, Lookup, Listing, RawRead, RawQuery, RawWrite, RawListing])
        {
            latencies.Rows.Add([name, .. bySize.Select(at => at.Results.Spread(name, Median).Show("0.0"))]);
        }

        var relative = new FigureTable("Relative to the tables alone", ["", .. bySize.Select(at => $"{at.Size} artifacts"), "growth"]);
        foreach (var (ours, control) in Pairs)
        {
            var ratios = bySize.Select(at => at.Results.Ratio(ours, control, Median)).ToList();
            var growth = ratios[^1]?.Median / ratios[0]?.Median;
            relative.Rows.Add([$"{ours} / {control}", .. ratios.Select(ratio => ratio.Show("0.0")), growth?.Show("0.00") ?? Figures.None]);
            if (ours != Listing)
            {
                report.Goals.Add(new Goal(
                    $"(g) {ours} at {bySize[^1].Size} artifacts, relative to {bySize[0].Size} and to the tables",
                    $"at most {WantedGrowth.Show("0.00")}",
                    growth?.Show("0.00") ?? Figures.None,
                    growth <= WantedGrowth));
            }
        }

        report.Tables.Add(latencies);
        report.Tables.Add(relative);
        report.Failures.AddRange(bySize.SelectMany(at => at.Results.Failures.Select(failure => $"{at.Size} artifacts, {failure}")));
    }
}
