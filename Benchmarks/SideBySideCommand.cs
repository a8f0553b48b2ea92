using System.CommandLine;
using CasFunctions.Benchmarks.Concurrency;
using CasFunctions.Benchmarks.Growth;
using CasFunctions.Benchmarks.Limits;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Reporting;
using CasFunctions.Benchmarks.SmallRequests;
using CasFunctions.Benchmarks.Startup;
using CasFunctions.Benchmarks.Transfers;
using Spectre.Console;

namespace CasFunctions.Benchmarks;

/// <summary><c>side-by-side</c>: everything that docs/benchmarks.md shows, in one run.</summary>
internal static class SideBySideCommand
{
    private static readonly IReadOnlyList<ISection> Sections =
    [
        new LimitsSection(),
        new TransfersSection(),
        new SmallRequestsSection(),
        new ConcurrencySection(),
        new GrowthSection(),
        new StartupSection(),
    ];

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var only = new Option<string>("--only")
        {
            Description = "Letters of the sections to run, such as a,c: a limits, b upload alone, c uploads, d downloads, "
                + "e small contents, f concurrency, g growth, h start.",
            DefaultValueFactory = _ => BenchOptions.AllSections,
        };
        only.Validators.Add(result =>
        {
            if (Letters(result.GetValueOrDefault<string>()).Any(letter => !BenchOptions.AllSections.Contains(letter)))
            {
                result.AddError("--only takes letters from a to h, with commas between them.");
            }
        });
        var rounds = new Option<int>("--rounds")
        {
            Description = "How many rounds.",
            DefaultValueFactory = _ => BenchOptions.StandardRounds,
        };
        var size = new Option<long>("--size")
        {
            Description = "Size of large contents, such as 256MiB.",
            DefaultValueFactory = _ => BenchOptions.StandardSize,
            CustomParser = result =>
            {
                if (BenchOptions.ParseSize(result.Tokens[0].Value) is { } bytes)
                {
                    return bytes;
                }

                result.AddError("--size takes a size such as 256MiB or 2GiB.");
                return 0;
            },
        };
        var full = new Option<bool>("--full") { Description = "Grow the index to 100,000 artifacts as well." };
        var output = new Option<FileInfo>("--output") { Required = true, Description = "The Markdown file to write." };
        var command = new Command("side-by-side", "Measure the service beside its stores and limits, and write a page about it.")
        {
            only, rounds, size, full, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new BenchOptions(
                Letters(parsed.GetRequiredValue(only)), parsed.GetValue(rounds), parsed.GetValue(size), parsed.GetValue(full));
            var reports = await AnsiConsole.Status().StartAsync("Starting", context => RunAsync(
                options, parsed.GetRequiredValue(output).FullName, status => context.Status(Markup.Escape(status)), cancellationToken));
            foreach (var goal in reports.SelectMany(report => report.Goals))
            {
                AnsiConsole.WriteLine($"{(goal.IsMet ? "met   " : "MISSED")} {goal.Name}: {goal.Seen}, wanted {goal.Wanted}");
            }

            return 0;
        });
        return command;
    }

    private static string Letters(string? text) => (text ?? "").Replace(",", "", StringComparison.Ordinal);

    private static async Task<IReadOnlyList<SectionReport>> RunAsync(
        BenchOptions options, string output, Action<string> status, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var machine = await Machine.DescribeAsync();
        var reports = new List<SectionReport>();
        await using var bench = new Bench(options, status);
        foreach (var section in Sections.Where(section => options.Wants(section.Letters)))
        {
            try
            {
                reports.AddRange(await section.RunAsync(bench, cancellationToken));
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                reports.Add(SectionReport.Failed($"Section {section.Letters}", failure));
            }

            // Written anew each time, so that a run that is ended early leaves what it found.
            var taken = TimeProvider.System.GetElapsedTime(start);
            await File.WriteAllTextAsync(output, MarkdownReport.Write(options, machine, reports, taken), cancellationToken);
            AnsiConsole.WriteLine($"{section.Letters}: done after {taken:hh\\:mm\\:ss}");
        }

        return reports;
    }
}
