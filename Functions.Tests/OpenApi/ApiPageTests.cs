using System.Text.RegularExpressions;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.OpenApi;

/// <summary>The tables of docs/api.md.</summary>
public sealed partial class ApiPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Prerequisite.RepositoryRoot, "docs", "api.md"));

    [Fact]
    public void It_lists_every_call_and_no_other() =>
        Assert.Equal(
            ApiDocument.Current.Operations.Select(operation => operation.ToString()).Order(StringComparer.Ordinal),
            CallsIn().Matches(Page).Select(match => match.Groups["call"].Value).Order(StringComparer.Ordinal));

    [Fact]
    public void It_lists_every_code_with_its_status_and_no_other() =>
        Assert.Equal(
            ApiDocument.Current.Problems.EnumerateObject().Select(code => $"{code.Name} {code.Value.GetProperty("value").GetProperty("status")}").Order(StringComparer.Ordinal),
            CodesIn().Matches(Page).Select(match => $"{match.Groups["code"]} {match.Groups["status"]}").Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^\| `(?<call>[A-Z]+ /v1/[^`]*)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CallsIn();

    [GeneratedRegex(@"^\| `(?<code>[a-z-]+)` \| (?<status>\d{3}) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CodesIn();
}
