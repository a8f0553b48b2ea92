using System.Text.Json.Nodes;

namespace CasFunctions.Tests.Infra;

/// <summary>What is published runs on Microsoft's worker, not on the stand-in.</summary>
public sealed class PublishedHostTests
{
    /// <summary>The command line of <c>dotnet publish</c>, which the Azure Developer CLI runs, sets the second property.</summary>
    [Theory]
    [InlineData("-p:FunctionsHost=Azure")]
    [InlineData("-p:_IsPublishing=true")]
    public async Task The_packages_are_those_of_the_worker_in_the_versions_that_were_tried(string property)
    {
        var result = await Tool.RunAsync(
            "dotnet",
            ["msbuild", "Functions", "-getItem:PackageReference,PackageVersion,ProjectReference", property, "-nologo", "-nodeReuse:false"]);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        var items = JsonNode.Parse(result.Output)!["Items"]!;
        var versions = items["PackageVersion"]!.AsArray()
            .ToDictionary(item => (string)item!["Identity"]!, item => (string)item!["Version"]!, StringComparer.Ordinal);

        var worker = Names("PackageReference")
            .Where(name => name.StartsWith("Microsoft.Azure.Functions.", StringComparison.Ordinal))
            .ToDictionary(name => name["Microsoft.Azure.Functions.".Length..], name => versions[name], StringComparer.Ordinal);

        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Worker"] = "2.52.0",
                ["Worker.Sdk"] = "2.1.0",
                ["Worker.Extensions.Http"] = "3.3.0",
                ["Worker.Extensions.Http.AspNetCore"] = "2.1.1",
                ["Worker.Extensions.Timer"] = "4.3.1",
            },
            worker);
        Assert.DoesNotContain(Names("ProjectReference"), name => name.Contains("LocalHost", StringComparison.Ordinal));

        IEnumerable<string> Names(string kind) => items[kind]!.AsArray().Select(item => (string)item!["Identity"]!);
    }
}
