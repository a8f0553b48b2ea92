using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CasFunctions.Http;

namespace CasFunctions.Tests.OpenApi;

/// <summary>
/// Makes the schemas of the API's documents from what the service reads and writes them with, their comments, and what
/// <see cref="SchemaFacts"/> adds.
/// </summary>
public static class SchemaExport
{
    private const string Components = "#/components/schemas/";

    private static readonly JsonSchemaExporterOptions Exporting = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };

    /// <summary>The schemas by name.</summary>
    public static JsonObject Export()
    {
        var schemas = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        var types = new Queue<Type>(typeof(ApiJson).GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
            .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!)
            .Where(IsNamed));
        while (types.TryDequeue(out var type))
        {
            if (schemas.ContainsKey(NameOf(type)))
            {
                continue;
            }

            var info = ApiJson.Default.GetTypeInfo(type)!;
            schemas[NameOf(type)] = type.IsEnum ? DescribeEnum(type, info) : DescribeObject(type, info);
            foreach (var used in info.Properties.SelectMany(property => NamedIn(property.PropertyType)))
            {
                types.Enqueue(used);
            }
        }

        return new JsonObject(schemas.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value)));
    }

    private static string NameOf(Type type) => type.Name.Replace("Document", "", StringComparison.Ordinal);

    private static bool IsNamed(Type type) => type.Namespace?.StartsWith(nameof(CasFunctions), StringComparison.Ordinal) == true;

    private static bool IsRequest(Type type) => type.Name.StartsWith("New", StringComparison.Ordinal) || type.Name.EndsWith("Change", StringComparison.Ordinal);

    private static IEnumerable<Type> NamedIn(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return IsNamed(type) ? [type] : type.GetGenericArguments().SelectMany(NamedIn);
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (!context.Path.IsEmpty && IsNamed(type))
        {
            return new JsonObject { ["$ref"] = Components + NameOf(type) };
        }

        if (schema is JsonObject members)
        {
            var (keyword, value) = type switch
            {
                _ when type == typeof(long) => ("format", "int64"),
                _ when type == typeof(int) => ("format", "int32"),
                _ when type == typeof(byte[]) => ("contentEncoding", "base64"),
                _ => default,
            };
            if (keyword is not null)
            {
                members[keyword] = value;
            }
        }

        return schema;
    }

    private static JsonObject DescribeEnum(Type type, JsonTypeInfo info) => new()
    {
        ["type"] = "string",
        ["description"] = DocumentationComments.Of(type),
        ["enum"] = new JsonArray([.. Enum.GetValues(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(value, info))]),
    };

    private static JsonObject DescribeObject(Type type, JsonTypeInfo info)
    {
        var exported = info.GetJsonSchemaAsNode(Exporting).AsObject();
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in info.Properties.Where(property => !property.IsExtensionData && property.Get is not null))
        {
            var nullable = IsRequest(type) ? property.IsSetNullable : property.IsGetNullable;
            var schema = SchemaOf(property, exported["properties"]![property.Name]!);
            if (nullable)
            {
                schema = IsRequest(type) ? OrNull(schema) : WithoutNull(schema);
            }

            schema["description"] = DocumentationComments.Of((MemberInfo)property.AttributeProvider!);
            SchemaFacts.Add($"{NameOf(type)}.{property.Name}", schema);
            properties[property.Name] = schema;

            // An answer leaves out what has no value.
            if (property.IsRequired && (IsRequest(type) || !nullable))
            {
                required.Add(property.Name);
            }
        }

        var described = new JsonObject { ["type"] = "object", ["description"] = DocumentationComments.Of(type), ["properties"] = properties };
        if (required.Count > 0)
        {
            described["required"] = required;
        }

        if (IsRequest(type))
        {
            described["additionalProperties"] = false;
        }

        return described;
    }

    /// <summary>A member's schema. The exporter leaves out what the transformation made of optional members with converters of their own.</summary>
    private static JsonObject SchemaOf(JsonPropertyInfo property, JsonNode exported)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var schema = IsNamed(type) ? new JsonObject { ["$ref"] = Components + NameOf(type) } : exported.DeepClone() as JsonObject ?? [];
        if (schema["default"] is null)
        {
            schema.Remove("default");
        }

        return schema;
    }

    private static JsonObject OrNull(JsonObject schema) => schema.ContainsKey("$ref")
        ? new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) }
        : schema;

    private static JsonObject WithoutNull(JsonObject schema)
    {
        if (schema["type"] is JsonArray types)
        {
            schema["type"] = types.Select(type => type!.GetValue<string>()).Single(type => type != "null");
        }

        return schema;
    }
}
