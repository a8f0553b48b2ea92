using System.CommandLine;
using System.Globalization;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Service;

/// <summary>The options of listings that come in pages.</summary>
internal sealed class PageOptions
{
    private readonly Option<string?> _after = new("--after") { Description = "Continue where a page ended", HelpName = "CURSOR" };
    private readonly Option<int?> _limit = new("--limit") { Description = "Most lines of a page", HelpName = "COUNT" };
    private readonly Option<bool> _all = new("--all") { Description = "All pages" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_after);
        command.Options.Add(_limit);
        command.Options.Add(_all);
    }

    /// <summary>Reads one page or all of them and writes each.</summary>
    /// <param name="run">The command.</param>
    /// <param name="path">The listing's path.</param>
    /// <param name="filters">Further parameters; those without a value are left out.</param>
    /// <param name="forPeople">Writes a page for people.</param>
    public async Task WriteAsync(CommandRun run, string path, IReadOnlyList<(string Name, string? Value)> filters, Action<ApiAnswer> forPeople)
    {
        var after = run.Get(_after);
        do
        {
            var limit = run.Get(_limit)?.ToString(CultureInfo.InvariantCulture);
            var page = await run.Api.GetAsync(path + Query.Of([.. filters, ("limit", limit), ("after", after)]), run.Cancellation);
            run.Printer.Result(page, forPeople);
            after = page.Json.Text("next");
        }
        while (after is not null && run.Get(_all));

        if (after is not null && run.Printer.Format == OutputFormat.Table)
        {
            run.Printer.Note($"There is more: add --all, or --after {after}");
        }
    }
}
