using System.Globalization;
using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Reporting;
using CasFunctions.Benchmarks.Servers;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Transfers;

/// <summary>Large contents into each store and back, through the service and directly.</summary>
internal sealed class TransfersSection : ISection
{
    private const string Ours = "through the service";
    private const string Direct = "direct";
    private const double Wanted = 0.70;

    private static readonly IReadOnlyList<(string Name, Func<Task<TransferStore>> StartAsync)> Stores =
    [
        ("OCI registry", RegistryStore.StartAsync),
        ("Azurite", AzureStore.StartAsync),
        ("Ceph S3", CephStore.StartAsync),
    ];

    /// <inheritdoc/>
    public string Letters => "cd";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SectionReport>> RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        var uploads = new SectionReport(
            "(c) Uploads into stores",
            "Through session and PUT of the service, which hashes, against the same bytes sent straight to the store. After each "
            + "upload the store is emptied. The fastest direct client counts.");
        var downloads = new SectionReport(
            "(d) Downloads from stores",
            "The same contents read back. The service hashes what it passes on; the direct clients take what comes and prove nothing, so "
            + "their ratios have no goal.");
        foreach (var (name, startAsync) in Stores)
        {
            try
            {
                bench.Status($"Starting {name}");
                await using var store = await startAsync();
                await using var tables = await Azurite.StartInMemoryAsync();
                await using var service = await ServiceUnderTest.StartAsync(BenchPrograms.Service, tables, store.Ports);
                if (bench.Options.Wants("c"))
                {
                    await UploadAsync(bench, store, service, uploads, cancellationToken);
                }

                if (bench.Options.Wants("d"))
                {
                    await DownloadAsync(bench, store, service, downloads, cancellationToken);
                }
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                (bench.Options.Wants("c") ? uploads : downloads).Failures.Add($"{name}: {SectionReport.Reason(failure)}");
            }
        }

        return [.. new[] { (uploads, "c"), (downloads, "d") }.Where(pair => bench.Options.Wants(pair.Item2)).Select(pair => pair.Item1)];
    }

    private static async Task UploadAsync(
        Bench bench, TransferStore store, ServiceUnderTest service, SectionReport report, CancellationToken cancellationToken)
    {
        List<Variant> variants =
        [
            new(Ours, async (warmUp, token) =>
            {
                var content = await bench.ContentAsync(warmUp, store.MaxSize, token);
                var organization = await service.NewOrganizationAsync(store.NewBackend());
                var job = Upload(service, organization.Token, content);
                return await ThenClearAsync(content, job, [.. service.Groups, store.Group], token);
            }),
            .. store.Uploads.Select(direct => new Variant(direct.Name, async (warmUp, token) =>
            {
                var content = await bench.ContentAsync(warmUp, store.MaxSize, token);
                return await ThenClearAsync(content, await direct.Job(content), [store.Group], token);
            }) { Contest = Direct }),
        ];
        var results = await bench.RunAsync($"Upload into {store.Name}", variants, cancellationToken);
        Conclude(report, $"(c) upload into {store.Name}", $"Upload of {SizeFor(bench, store)} into {store.Name}", variants, results);

        async Task<Sample> ThenClearAsync(
            BulkContent content, ClientJob job, IReadOnlyList<ProcessGroup> groups, CancellationToken token)
        {
            var sample = await bench.MeasureAsync(job, content.MiB, groups, token);
            await store.ClearAsync(content, token);
            return sample;
        }
    }

    private static async Task DownloadAsync(
        Bench bench, TransferStore store, ServiceUnderTest service, SectionReport report, CancellationToken cancellationToken)
    {
        var content = await bench.ContentAsync(warmUp: false, store.MaxSize, cancellationToken);
        var organization = await service.NewOrganizationAsync(store.NewBackend());
        bench.Status($"Filling {store.Name}");
        await bench.Client.RunAsync(Upload(service, organization.Token, content), cancellationToken);
        List<Variant> variants =
        [
            new(Ours, (warmUp, token) =>
            {
                // The first one is looked at, too.
                var digest = warmUp ? content.Digest.ToString() : null;
                var job = new GetJob(new Uri(service.Address, $"/v1/artifacts/{content.Digest}"), organization.Token, content.Size, digest);
                return bench.MeasureAsync(job, content.MiB, [.. service.Groups, store.Group], token);
            }),
            .. store.Downloads.Select(direct => new Variant(direct.Name, async (_, token) =>
                await bench.MeasureAsync(await direct.Job(content), content.MiB, [store.Group], token)) { Contest = Direct }),
        ];
        var results = await bench.RunAsync($"Download from {store.Name}", variants, cancellationToken);
        Conclude(report, null, $"Download of {SizeFor(bench, store)} from {store.Name}", variants, results);
        await store.ClearAsync(content, cancellationToken);
    }

    private static string SizeFor(Bench bench, TransferStore store) => BenchOptions.ShowSize(Math.Min(bench.Options.Size, store.MaxSize));

    private static SessionUploadJob Upload(ServiceUnderTest service, string token, BulkContent content) =>
        new(service.Address, token, content.Digest.ToString(), content.Size, content.File);

    private static void Conclude(SectionReport report, string? goal, string title, List<Variant> variants, RoundResults results)
    {
        var best = results.Fastest(Direct, variants);
        var table = new FigureTable(title, ["", "MiB/s", "ratio to the fastest direct client", "CPU seconds", "peak memory", "rounds"]);
        foreach (var variant in variants)
        {
            var samples = results.Of(variant.Name);
            table.Add(
                variant.Contest is null ? $"**{variant.Name}**" : $"{variant.Contest}: {variant.Name}",
                results.Spread(variant.Name, sample => sample.Rate).Show("0"),
                best is null ? Figures.None : results.Ratio(variant.Name, best).Show("0.00"),
                samples.Cpu(),
                samples.Max(sample => sample.PeakBytes) is { } peak ? Figures.MiB(peak) : Figures.None,
                samples.Count.ToString(CultureInfo.InvariantCulture));
        }

        report.Tables.Add(table);
        if (goal is not null)
        {
            report.Goals.Add(Figures.AtLeast(goal, Wanted, best is null ? null : results.Ratio(Ours, best)));
        }

        report.Failures.AddRange(results.Failures.Select(failure => $"{title}, {failure}"));
    }
}
