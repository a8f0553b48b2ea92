using System.Globalization;
using System.Text;
using CasFunctions.Tests.Conformance;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(ConformanceReport))]

namespace CasFunctions.Tests.Conformance;

/// <summary>
/// How each case of the suite ended on each provider, written as a Markdown table when the run ends: to the file that the environment
/// variable <c>CAS_CONFORMANCE_REPORT</c> names, or else to <c>conformance.md</c> beside the tests.
/// </summary>
public sealed class ConformanceReport : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Result> _results = [];

    /// <summary>Notes how the current test ended. Called when it has.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="notApplicable">Why the provider can't have the case; null when it can.</param>
    /// <param name="note">What a reader has to know of the result.</param>
    public void Add(string provider, string? notApplicable, string? note)
    {
        var test = (IXunitTest)TestContext.Current.Test!;
        var outcome = TestContext.Current.TestState?.Result switch
        {
            TestResult.Passed when notApplicable is not null => "n/a",
            TestResult.Passed => "pass",
            TestResult.Skipped => "not run",
            _ => "**FAIL**",
        };
        var method = test.TestMethod.Method;
        var arguments = string.Join(", ", test.TestMethodArguments.Select(argument => Convert.ToString(argument, CultureInfo.InvariantCulture)));
        var title = method.Name.Replace('_', ' ') + (arguments.Length > 0 ? $": {arguments}" : "");
        lock (_lock)
        {
            _results.Add(new Result(provider, method.MetadataToken, title, outcome, notApplicable ?? note));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_results.Count > 0)
        {
            var path = Environment.GetEnvironmentVariable("CAS_CONFORMANCE_REPORT") is { Length: > 0 } chosen
                ? chosen
                : Path.Combine(AppContext.BaseDirectory, "conformance.md");
            File.WriteAllText(path, Write());
        }
    }

    private string Write()
    {
        var providers = _results.Select(result => result.Provider).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var notes = new List<string>();
        var text = new StringBuilder("| case | ").AppendJoin(" | ", providers).AppendLine(" |");
        text.Append("|---|").AppendJoin("", providers.Select(_ => "---|")).AppendLine();
        foreach (var line in _results.GroupBy(result => (result.Order, result.Title)).OrderBy(line => line.Key.Order).ThenBy(line => line.Key.Title, NaturalOrder))
        {
            text.Append("| ").Append(line.Key.Title);
            foreach (var provider in providers)
            {
                var result = line.LastOrDefault(result => result.Provider == provider);
                text.Append(" | ").Append(result?.Outcome ?? "not run").Append(Mark(result?.Note, notes));
            }

            text.AppendLine(" |");
        }

        text.AppendLine();
        for (var i = 0; i < notes.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i + 1}. {notes[i]}").AppendLine();
        }

        return text.ToString();
    }

    private static StringComparer NaturalOrder { get; } = StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering);

    private static string Mark(string? note, List<string> notes)
    {
        if (note is null)
        {
            return "";
        }

        if (!notes.Contains(note, StringComparer.Ordinal))
        {
            notes.Add(note);
        }

        return $" ({notes.IndexOf(note) + 1})";
    }

    private sealed record Result(string Provider, int Order, string Title, string Outcome, string? Note);
}
