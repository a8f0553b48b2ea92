using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.OpenApi;

public sealed class SchemaTests
{
    private static readonly JsonSerializerOptions Writing = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string SchemasFile => Path.Combine(Prerequisite.RepositoryRoot, "Functions", "OpenApi", "schemas.openapi.json");

    /// <summary>With CAS_UPDATE_SCHEMAS=1 this writes the file instead.</summary>
    [Fact]
    public async Task The_schemas_are_those_of_the_documents_that_the_service_reads_and_writes()
    {
        var schemas = SchemaExport.Export();
        var wanted = new JsonObject { ["components"] = new JsonObject { ["schemas"] = schemas } }.ToJsonString(Writing) + "\n";
        if (Environment.GetEnvironmentVariable("CAS_UPDATE_SCHEMAS") == "1")
        {
            await File.WriteAllTextAsync(SchemasFile, wanted, TestContext.Current.CancellationToken);
            return;
        }

        Assert.True(
            wanted == await File.ReadAllTextAsync(SchemasFile, TestContext.Current.CancellationToken),
            "The API's documents changed. Write their schemas with: CAS_UPDATE_SCHEMAS=1 ./test --filter FullyQualifiedName~SchemaTests");
    }

    [Fact]
    public void What_is_said_of_members_is_said_of_members_that_there_are()
    {
        var members = SchemaExport.Export().SelectMany(schema => schema.Value!["properties"] is JsonObject properties
            ? properties.Select(property => $"{schema.Key}.{property.Key}")
            : []);

        Assert.Empty(SchemaFacts.Members.Except(members, StringComparer.Ordinal));
    }
}
