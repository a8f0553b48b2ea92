using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Attestations;

/// <summary>Writes in-toto Statements (in-toto Attestation Framework, Statement v1).</summary>
/// <param name="Subjects">The descriptors of what the statement is about, at least one.</param>
/// <param name="Materials">The descriptors of what went into it.</param>
/// <param name="PredicateType">What the predicate means.</param>
/// <param name="Predicate">The predicate; null for a link predicate (in-toto Link v0.3) that holds the materials.</param>
/// <param name="Step">The name of the step in a link predicate.</param>
internal sealed record Statement(
    IReadOnlyList<JsonElement> Subjects, IReadOnlyList<JsonElement> Materials, string PredicateType, JsonElement? Predicate, string Step)
{
    /// <summary>The predicate's type unless another is given.</summary>
    public const string LinkType = "https://in-toto.io/attestation/link/v0.3";

    private const string Type = "https://in-toto.io/Statement/v1";
    private const string MaterialsMember = "materials";

    /// <summary>The statement as JSON.</summary>
    /// <exception cref="CliFailure">Materials are given, and the predicate has its own.</exception>
    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("_type", Type);
            WriteArray(json, "subject", Subjects);
            json.WriteString("predicateType", PredicateType);
            json.WriteStartObject("predicate");
            if (Predicate is { } predicate)
            {
                WriteMembers(json, predicate);
            }
            else
            {
                json.WriteString("name", Step);
                json.WriteStartArray("command");
                json.WriteEndArray();
            }

            if (Predicate is null || Materials.Count > 0)
            {
                WriteArray(json, MaterialsMember, Materials);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IReadOnlyList<JsonElement> elements)
    {
        json.WriteStartArray(name);
        foreach (var element in elements)
        {
            element.WriteTo(json);
        }

        json.WriteEndArray();
    }

    private void WriteMembers(Utf8JsonWriter json, JsonElement predicate)
    {
        if (predicate.ValueKind != JsonValueKind.Object)
        {
            throw CliFailure.Usage("The predicate must be a JSON object.");
        }

        foreach (var member in predicate.EnumerateObject())
        {
            if (member.NameEquals(MaterialsMember) && Materials.Count > 0)
            {
                throw CliFailure.Usage("The predicate has materials of its own.", "Leave out --material, or the predicate's materials.");
            }

            member.WriteTo(json);
        }
    }
}
