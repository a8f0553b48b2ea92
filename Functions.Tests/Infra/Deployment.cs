using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Infra;

/// <summary>The resources that infra.bicep makes with certain parameters, as the compiler predicts them.</summary>
/// <remarks>What only Azure knows stands there as an ARM expression in brackets, such as <c>[reference('…').vaultUri]</c>.</remarks>
internal sealed class Deployment(JsonNode snapshot)
{
    /// <summary>A deployment with all that can be asked for.</summary>
    public static readonly string[] Everything =
    [
        "param rootKey = 'a-root-key-of-30-characters-..'",
        "param mailFrom = 'cas@example.com'",
        "param sendGridKey = 'SG.key'",
        "param alertMail = 'operator@example.com'",
        "param privateNetwork = true",
        "param zoneRedundant = true",
        "param outboundNetworks = ['10.1.0.0/16']",
        "param outboundPorts = [9000, 9001]",
        "param managedIdentityContainers = ['acme/acmeevidence/cas']",
        "param moreSettings = { Cas__Verification__BytesPerDay: '0' }",
    ];

    // Several tests look at the same prediction, each at a copy of its own.
    private static readonly ConcurrentDictionary<string, Task<string>> Snapshots = new(StringComparer.Ordinal);

    /// <summary>All resources.</summary>
    public IReadOnlyList<JsonNode> Resources { get; } = [.. snapshot["predictedResources"]!.AsArray().Select(resource => resource!)];

    /// <summary>The function app.</summary>
    public JsonNode App => Only("Microsoft.Web/sites");

    /// <summary>The app's settings by name.</summary>
    public IReadOnlyDictionary<string, string> Settings => App["properties"]!["siteConfig"]!["appSettings"]!.AsArray()
        .ToDictionary(setting => (string)setting!["name"]!, setting => (string)setting!["value"]!, StringComparer.Ordinal);

    /// <summary>Predicts a deployment.</summary>
    /// <param name="parameters">Lines of a parameters file.</param>
    public static async Task<Deployment> PredictAsync(params string[] parameters) =>
        new(JsonNode.Parse(await Snapshots.GetOrAdd(string.Join('\n', parameters), _ => SnapshotAsync(parameters)))!);

    /// <summary>Predicts a deployment that may be refused.</summary>
    public static Task<ToolResult> TryPredictAsync(TemporaryFolder folder, params string[] parameters)
    {
        string[] lines = [$"using '{Path.GetRelativePath(folder.FullPath, Bicep.Template)}'", .. parameters, ""];
        var file = folder.Write("test.bicepparam", string.Join('\n', lines));
        return Bicep.RunAsync(
            ["snapshot", file, "--mode", "overwrite", "--subscription-id", $"{Guid.Empty}", "--resource-group", "cas", "--location", "westeurope"]);
    }

    /// <summary>The one resource of a type.</summary>
    public JsonNode Only(string type) => Assert.Single(OfType(type));

    /// <summary>All resources of a type.</summary>
    public IEnumerable<JsonNode> OfType(string type) => Resources.Where(resource => (string?)resource["type"] == type);

    private static async Task<string> SnapshotAsync(string[] parameters)
    {
        using var folder = new TemporaryFolder();
        var result = await TryPredictAsync(folder, parameters);
        Assert.True(result.ExitCode == 0, result.Errors);
        return await File.ReadAllTextAsync(folder["test.snapshot.json"], TestContext.Current.CancellationToken);
    }
}
