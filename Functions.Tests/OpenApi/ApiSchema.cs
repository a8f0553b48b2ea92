using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace CasFunctions.Tests.OpenApi;

/// <summary>
/// A schema of the API's description as a validator. It is stricter than the description in one thing: documents of the service have no
/// members that are not declared, while clients are told to ignore those.
/// </summary>
public sealed class ApiSchema
{
    private const string Components = "#/components/schemas/";
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };
    private readonly JsonSchema _schema;

    /// <summary>Makes a validator.</summary>
    /// <param name="document">The description.</param>
    /// <param name="schema">A schema of it, which may refer to its components.</param>
    public ApiSchema(ApiDocument document, JsonElement schema)
    {
        ArgumentNullException.ThrowIfNull(document);
        var definitions = new JsonObject();
        foreach (var component in document.Root.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            var definition = JsonNode.Parse(component.Value.GetRawText())!.AsObject();
            if (definition.ContainsKey("properties") && component.Name != "Problem")
            {
                definition["additionalProperties"] = false;
            }

            definitions[component.Name] = definition;
        }

        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$defs"] = definitions,
            ["allOf"] = new JsonArray(JsonNode.Parse(schema.GetRawText())),
        };
        _schema = JsonSchema.FromText(root.ToJsonString().Replace(Components, "#/$defs/", StringComparison.Ordinal));
    }

    /// <summary>What is wrong with a document; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate(ReadOnlyMemory<byte> json)
    {
        var results = _schema.Evaluate(JsonDocument.Parse(json).RootElement, Options);
        return results.IsValid
            ? []
            : [.. (results.Details ?? []).Where(detail => detail.Errors is not null).SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}")), "invalid"];
    }
}
