using System.Globalization;
using System.Text.Json;
using CasFunctions.Cli.Http;
using Spectre.Console;

namespace CasFunctions.Cli.Output;

/// <summary>A column: its heading, and what it shows of a row.</summary>
/// <param name="Heading">In capitals.</param>
/// <param name="Show">The cell's text; null for an empty one.</param>
internal sealed record Column(string Heading, Func<JsonElement, string?> Show)
{
    /// <summary>A column that shows a member as it is.</summary>
    public static Column Of(string heading, string member) => new(heading, row => row.Text(member));

    /// <summary>A column that shows a point in time.</summary>
    public static Column Time(string heading, string member) => new(heading, row => Tables.Time(row.Text(member)));
}

/// <summary>Tables for people.</summary>
internal static class Tables
{
    /// <summary>Wide enough that nothing wraps where no terminal sets the width.</summary>
    private const int Unlimited = 10_000;

    /// <summary>Writes rows as a table, as wide as the terminal at most. Cells are other people's texts.</summary>
    public static void Write(IEnumerable<JsonElement> rows, params Column[] columns)
    {
        var table = new Table { Border = TableBorder.Square, ShowRowSeparators = false };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column.Heading)));
        }

        foreach (var row in rows)
        {
            table.AddRow(columns.Select(column => new Text(DisplayText.Safe(column.Show(row)))));
        }

        Output().Write(table);
    }

    /// <summary>Writes rows with a column for each simple member that the first row has.</summary>
    public static void WriteMembers(IReadOnlyList<JsonElement> rows) => Write(
        rows,
        rows.Count == 0
            ? []
            : [.. rows[0].EnumerateObject()
                .Where(member => member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
                .Select(member => Column.Time(member.Name.ToUpperInvariant(), member.Name))]);

    /// <summary>Writes names and values below each other, without those that have none.</summary>
    public static void Write(params (string Name, string? Value)[] lines)
    {
        var width = lines.Max(line => line.Name.Length) + 2;
        foreach (var (name, value) in lines.Where(line => !string.IsNullOrEmpty(line.Value)))
        {
            var heading = name;
            foreach (var part in value!.Split('\n'))
            {
                Console.Out.WriteLine(heading.PadRight(width) + DisplayText.Safe(part));
                heading = "";
            }
        }
    }

    /// <summary>A point in time as tables show it, in UTC.</summary>
    public static string? Time(string? text) =>
        text is { Length: >= 20 } && text[10] == 'T' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : text;

    private static IAnsiConsole Output()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = Unlimited;
        }

        return console;
    }
}
