using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CasFunctions.Digests;
using Microsoft.Extensions.Options;

namespace CasFunctions.OpenApi;

/// <summary>
/// The API's description as OpenAPI 3.1 has it. Each subject describes its calls in an <c>*.openapi.json</c> beside them; here they become
/// one document, when it is first asked for. The tests hold it against the functions, their rules, their documents and their answers.
/// </summary>
public sealed class ApiDescription
{
    private const string Suffix = ".openapi.json";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lazy<byte[]> _document;
    private readonly Lazy<Sha256Digest> _digest;

    /// <summary>Makes the description.</summary>
    /// <param name="options">The address under which clients reach the service; relative without one.</param>
    public ApiDescription(IOptions<CasOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = options.Value.PublicAddress?.ToString().TrimEnd('/') ?? "/";
        _document = new(() => Write(address));
        _digest = new(() => Sha256Digest.Of(_document.Value));
    }

    /// <summary>The document as JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Document => _document.Value;

    /// <summary>The document's digest, which stands for its version.</summary>
    public Sha256Digest Digest => _digest.Value;

    private static byte[] Write(string address)
    {
        var assembly = typeof(ApiDescription).Assembly;
        var document = new JsonObject();
        foreach (var part in assembly.GetManifestResourceNames().Where(IsPart).Order(StringComparer.Ordinal))
        {
            Merge(document, Read(assembly, part), part);
        }

        document["servers"] = new JsonArray(new JsonObject { ["url"] = address });
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            document.WriteTo(writer);
        }

        return buffer.ToArray();
    }

    private static bool IsPart(string resource) => resource.EndsWith(Suffix, StringComparison.Ordinal);

    private static JsonObject Read(Assembly assembly, string part)
    {
        using var stream = assembly.GetManifestResourceStream(part)!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    private static void Merge(JsonObject into, JsonObject part, string name)
    {
        foreach (var (key, value) in part.ToList())
        {
            if (!into.TryGetPropertyValue(key, out var present))
            {
                part.Remove(key);
                into[key] = value;
            }
            else if (present is JsonObject existing && value is JsonObject more)
            {
                Merge(existing, more, name);
            }
            else
            {
                throw new InvalidOperationException($"{name} describes '{key}' a second time.");
            }
        }
    }
}
