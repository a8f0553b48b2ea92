using System.Globalization;
using System.Text;

namespace CasFunctions.Benchmarks.Reporting;

/// <summary>Writes the page of all results.</summary>
internal static class MarkdownReport
{
    /// <summary>The whole page.</summary>
    /// <param name="options">How the benchmarks were run.</param>
    /// <param name="machine">What they were run on.</param>
    /// <param name="sections">What they found.</param>
    /// <param name="taken">How long all of it took.</param>
    public static string Write(
        BenchOptions options, IReadOnlyList<(string Name, string Value)> machine, IReadOnlyList<SectionReport> sections, TimeSpan taken)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Benchmarks

            Written by `{options.CommandLine}` in {taken.TotalMinutes:0} minutes. Everything ran on one machine in one run: service, stores
            and clients share its cores, so what one of them uses the others lack. Absolute figures are worth little elsewhere; ratios are
            worth more.

            ## How it was measured

            Variants take turns, {options.Rounds} rounds after a warm-up, each round in another order. Ratios are taken within a
            round; tables show the median and, in parentheses, the least and the most. Where there are several direct clients, all run
            for three rounds and the fastest of them goes on; ratios are to that one. CPU seconds are `utime` and `stime` of
            `/proc/PID/stat` of all processes of a role, medians per measurement: *service* is ours, *tables* the Azurite that holds its
            tables, *store* where the content goes, *client* whoever sends and receives. Every server and client is a process of its
            own. Digests are computed before the clock starts; contents are new to the index each time. The stores keep their data in
            memory where there is room, so that no disk hides what the programs cost.


            """);
        Append(page, new FigureTable("Machine", ["", ""]), machine.Select(fact => (IReadOnlyList<string>)[fact.Name, fact.Value]));
        var goals = sections.SelectMany(section => section.Goals).ToList();
        if (goals.Count > 0)
        {
            Append(
                page,
                new FigureTable("Goals", ["Goal", "Wanted", "Seen", ""]),
                goals.Select(goal => (IReadOnlyList<string>)[goal.Name, goal.Wanted, goal.Seen, goal.IsMet ? "met" : "**missed**"]));
        }

        foreach (var section in sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"## {section.Title}\n\n{section.Method}\n\n");
            foreach (var table in section.Tables)
            {
                Append(page, table, table.Rows, level: 3);
            }

            foreach (var failure in section.Failures)
            {
                page.Append(CultureInfo.InvariantCulture, $"- Not measured: {OneLine(failure)}\n");
            }

            if (section.Failures.Count > 0)
            {
                page.Append('\n');
            }
        }

        return page.ToString().TrimEnd('\n') + '\n';
    }

    private static void Append(StringBuilder page, FigureTable table, IEnumerable<IReadOnlyList<string>> rows, int level = 2)
    {
        page.Append('#', level).Append(' ').Append(table.Title).Append("\n\n");
        AppendRow(page, table.Columns);
        AppendRow(page, [.. table.Columns.Select((_, i) => i == 0 ? "---" : "---:")]);
        foreach (var row in rows)
        {
            AppendRow(page, [.. row.Select(OneLine)]);
        }

        page.Append('\n');
    }

    private static void AppendRow(StringBuilder page, IEnumerable<string> cells) =>
        page.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string OneLine(string text) =>
        text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal) is { Length: > 300 } longText
            ? longText[..300] + "…"
            : text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
