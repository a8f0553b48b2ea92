namespace CasFunctions.Benchmarks.Reporting;

/// <summary>What a section of the benchmarks found.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Method">What was measured and how, in sentences.</param>
internal sealed record SectionReport(string Title, string Method)
{
    /// <summary>Its figures.</summary>
    public List<FigureTable> Tables { get; } = [];

    /// <summary>What it was meant to show.</summary>
    public List<Goal> Goals { get; } = [];

    /// <summary>What could not be measured, and why.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>A section of which nothing could be measured.</summary>
    public static SectionReport Failed(string title, Exception failure) => new(title, "") { Failures = { Reason(failure) } };

    /// <summary>Why something failed. A missing program is told as the tests tell it when they are skipped.</summary>
    public static string Reason(Exception failure) => failure.Message.Replace("$XunitDynamicSkip$", "", StringComparison.Ordinal);
}

/// <summary>A table of figures.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Columns">The names of its columns; the first column is text.</param>
internal sealed record FigureTable(string Title, IReadOnlyList<string> Columns)
{
    /// <summary>Its rows, with as many cells as there are columns.</summary>
    public List<IReadOnlyList<string>> Rows { get; } = [];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => Rows.Add(cells);
}

/// <summary>A figure that has to reach a value.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Wanted">What it should be.</param>
/// <param name="Seen">What it is here.</param>
/// <param name="IsMet">Whether that is enough.</param>
internal sealed record Goal(string Name, string Wanted, string Seen, bool IsMet);
