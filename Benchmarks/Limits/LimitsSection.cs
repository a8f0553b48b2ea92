using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Discarding;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Reporting;
using CasFunctions.Benchmarks.Servers;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Limits;

/// <summary>What Kestrel can do with a body, and the service on top of it with nothing behind.</summary>
internal sealed class LimitsSection : ISection
{
    private const string Discard = "Kestrel, discards";
    private const string DiscardBlocks = "Kestrel with our blocks, discards";
    private const string Hash = "Kestrel, hashes";
    private const string HashBlocks = "Kestrel with our blocks, hashes";
    private const string Service = "the service, provider that discards";

    /// <inheritdoc/>
    public string Letters => "ab";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SectionReport>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var size = BenchOptions.ShowSize(bench.Options.Size);
        var report = new SectionReport(
            "(a), (b) Limits, and the service alone",
            $"One client sends {size} with `sendfile` over the loopback address: to a Kestrel that reads the body and drops it, to "
            + "one that hashes it with SHA-256, both with Kestrel's own memory and with the service's larger blocks; and to the "
            + "whole service, through session and PUT, with a provider that drops what it gets.");
        await using var discard = await LimitServer.StartAsync(hashes: false, serviceBlocks: false);
        await using var discardBlocks = await LimitServer.StartAsync(hashes: false, serviceBlocks: true);
        await using var hash = await LimitServer.StartAsync(hashes: true, serviceBlocks: false);
        await using var hashBlocks = await LimitServer.StartAsync(hashes: true, serviceBlocks: true);
        await using var tables = await Azurite.StartInMemoryAsync();
        await using var service = await ServiceUnderTest.StartAsync(BenchPrograms.LikeService(ServeCommand.Name), tables, []);
        Variant[] variants =
        [
            Limit(bench, Discard, discard),
            Limit(bench, DiscardBlocks, discardBlocks),
            Limit(bench, Hash, hash),
            Limit(bench, HashBlocks, hashBlocks),
            new(Service, async (warmUp, token) =>
            {
                var content = await bench.ContentAsync(warmUp, long.MaxValue, token);
                var organization = await service.NewOrganizationAsync(DiscardProvider.Backend());
                var job = new SessionUploadJob(service.Address, organization.Token, content.Digest.ToString(), content.Size, content.File);
                return await bench.MeasureAsync(job, content.MiB, service.Groups, token);
            }),
        ];
        var results = await bench.RunAsync("Limits", variants, cancellationToken);
        var table = new FigureTable(
            $"Upload of {size}", ["", "MiB/s", "ratio to the limit that hashes, with our blocks", "CPU seconds", "peak memory"]);
        foreach (var variant in variants)
        {
            var samples = results.Of(variant.Name);
            table.Add(
                variant.Name,
                results.Spread(variant.Name, sample => sample.Rate).Show("0"),
                results.Ratio(variant.Name, HashBlocks).Show("0.00"),
                samples.Cpu(),
                samples.Max(sample => sample.PeakBytes) is { } peak ? Figures.MiB(peak) : Figures.None);
        }

        report.Tables.Add(table);
        report.Goals.Add(Figures.AtLeast("(b) upload, relative to the limit that hashes", 0.80, results.Ratio(Service, HashBlocks)));
        report.Failures.AddRange(results.Failures);
        return [report];
    }

    private static Variant Limit(Bench bench, string name, LimitServer server) => new(name, async (warmUp, token) =>
    {
        var content = await bench.ContentAsync(warmUp, long.MaxValue, token);
        return await bench.MeasureAsync(new PutJob(server.Address, content.File), content.MiB, [server.Group], token);
    });
}
