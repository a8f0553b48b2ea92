using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Discarding;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Reporting;
using CasFunctions.Benchmarks.Servers;
using CasFunctions.Benchmarks.Transfers;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.SmallRequests;

/// <summary>Many small contents at once, with each store behind, and the registry alone.</summary>
internal sealed class SmallRequestsSection : ISection
{
    private const int Connections = 32;
    private const int Size = 10 * 1024;
    private const double Seconds = 3;
    private const double WarmUpSeconds = 2;
    private const string Discarding = "the service, provider that discards";
    private const string Direct = "direct: POST and PUT of a blob into the OCI registry";

    /// <inheritdoc/>
    public string Letters => "e";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SectionReport>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var report = new SectionReport(
            "(e) Small contents",
            $"{Connections} connections store contents of 10 KiB, all different, one after the other for {Seconds:0} seconds: with "
            + "the service by one PUT each, with the registry by POST and PUT. The client is the same for all: blocking sockets, a "
            + "thread for each connection. A push is one request here, though it takes the registry two. The tables are emptied after "
            + "each measurement, as Azurite searches them row by row; section (g) is about that.");
        var stores = new List<TransferStore>();
        try
        {
            foreach (var startAsync in (Func<Task<TransferStore>>[])[RegistryStore.StartAsync, AzureStore.StartAsync, CephStore.StartAsync])
            {
                await StartAsync(startAsync, stores, report);
            }

            await MeasureAsync(bench, stores, report, cancellationToken);
        }
        finally
        {
            foreach (var store in stores)
            {
                await store.DisposeAsync();
            }
        }

        return [report];
    }

    private static async Task StartAsync(Func<Task<TransferStore>> startAsync, List<TransferStore> stores, SectionReport report)
    {
        try
        {
            stores.Add(await startAsync());
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            report.Failures.Add(SectionReport.Reason(failure));
        }
    }

    private static async Task MeasureAsync(
        Bench bench, List<TransferStore> stores, SectionReport report, CancellationToken cancellationToken)
    {
        await using var tables = await Azurite.StartInMemoryAsync();
        await using var service = await ServiceUnderTest.StartAsync(
            BenchPrograms.LikeService(ServeCommand.Name), tables, [.. stores.SelectMany(store => store.Ports)]);
        List<Variant> variants = [await ThroughServiceAsync(bench, service, Discarding, DiscardProvider.Backend(), null)];
        foreach (var store in stores)
        {
            variants.Add(await ThroughServiceAsync(bench, service, $"the service, {store.Name}", store.NewBackend(), store));
        }

        if (stores.OfType<RegistryStore>().FirstOrDefault() is { } registry)
        {
            variants.Add(new Variant(Direct, (warmUp, token) => bench.MeasureAsync(
                Job(registry.Address, null, "direct/small", warmUp), null, [registry.Group], token)));
        }

        var results = await bench.RunAsync("Small contents", variants, cancellationToken);
        var table = new FigureTable(
            "Contents of 10 KiB",
            ["", "stored a second", "ratio to the direct push", "p50 ms", "p99 ms", "CPU ms for each", "peak memory"]);
        foreach (var variant in variants)
        {
            var samples = results.Of(variant.Name);
            table.Add(
                variant.Name,
                results.Spread(variant.Name, sample => sample.Rate).Show("0"),
                results.Ratio(variant.Name, Direct).Show("0.00"),
                results.Spread(variant.Name, sample => Spread.Quantile(sample.Latencies, 0.50)).Show("0.0"),
                results.Spread(variant.Name, sample => Spread.Quantile(sample.Latencies, 0.99)).Show("0.0"),
                samples.Cpu(sample => 1000 / sample.Work),
                samples.Max(sample => sample.PeakBytes) is { } peak ? Figures.MiB(peak) : Figures.None);
        }

        report.Tables.Add(table);
        report.Goals.Add(Figures.AtLeast(
            "(e) small contents a second, provider that discards, relative to direct pushes", 1.00, results.Ratio(Discarding, Direct)));
        report.Failures.AddRange(results.Failures);
    }

    private static async Task<Variant> ThroughServiceAsync(
        Bench bench, ServiceUnderTest service, string name, object backend, TransferStore? store)
    {
        var organization = await service.NewOrganizationAsync(backend);
        IReadOnlyList<ProcessGroup> groups = store is null ? service.Groups : [.. service.Groups, store.Group];
        return new Variant(name, async (warmUp, token) =>
        {
            var sample = await bench.MeasureAsync(Job(service.Address, organization.Token, null, warmUp), null, groups, token);
            await service.ForgetUploadsAsync(token);
            return sample;
        });
    }

    private static SmallUploadsJob Job(Uri address, string? token, string? repository, bool warmUp) =>
        new(address, token, repository, Connections, Size, warmUp ? WarmUpSeconds : Seconds);
}
