using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using CasFunctions.Tests.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace CasFunctions.Tests.OpenApi;

/// <summary>
/// Holds what clients of the tests send and get against the API's description: the path, the status, the header fields, the code of a
/// problem and every document have to be declared.
/// </summary>
public static class ApiContract
{
    /// <summary>Fields that HTTP itself or every answer has.</summary>
    private static readonly FrozenSet<string> GeneralFields = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Connection", "Content-Length", "Content-Type", "Date", "Transfer-Encoding", "X-Content-Type-Options");

    /// <summary>Fields that every refusal may have besides.</summary>
    private static readonly FrozenSet<string> FieldsOfRefusals = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Cache-Control", "Tus-Resumable");

    private static readonly ConcurrentDictionary<string, ApiSchema> Schemas = new(StringComparer.Ordinal);

    private static ApiDocument Document => ApiDocument.Current;

    /// <summary>Fails the test when the description does not have what was sent or answered.</summary>
    public static async Task CheckAsync(HttpRequestMessage request, HttpContent? content, ApiReply reply)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(reply);
        if (!request.RequestUri!.AbsolutePath.StartsWith("/v1/", StringComparison.Ordinal))
        {
            return;
        }

        var status = (int)reply.Status;
        var call = $"{request.Method} {request.RequestUri.AbsolutePath}";
        if (Document.Find(request.Method.Method, request.RequestUri.AbsolutePath) is not { } operation)
        {
            Assert.True(status is 404 or 405, $"{call} answered {status}, but the API's description has no such call.{HowTo}");
            return;
        }

        Assert.True(
            operation.Json.GetProperty("responses").TryGetProperty(status.ToString(CultureInfo.InvariantCulture), out var declared),
            $"{call} answered {status} ({Text(reply)}), which the API's description does not declare.{HowTo}");
        var response = Document.Resolve(declared);
        var place = $"{operation} → {status}";
        CheckFields(place, response, reply);
        if (request.Method != HttpMethod.Head && reply.Body.Length > 0)
        {
            CheckBody(place, response, reply);
        }

        if (status is >= 200 and < 300)
        {
            CheckQuery(operation, request.RequestUri);
            if (content is JsonContent && operation.Json.TryGetProperty("requestBody", out var body))
            {
                CheckDocument($"{operation}, request", MediaTypes(Document.Resolve(body))["application/json"], await content.ReadAsByteArrayAsync());
            }
        }
    }

    private static string HowTo => " See 'How to add an endpoint' in CONTRIBUTING.md.";

    private static string Text(ApiReply reply) => reply.Message.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true
        ? System.Text.Encoding.UTF8.GetString(reply.Body)
        : $"{reply.Body.Length} bytes";

    private static void CheckFields(string place, JsonElement response, ApiReply reply)
    {
        var declared = response.TryGetProperty("headers", out var headers)
            ? headers.EnumerateObject().Select(field => field.Name).ToHashSet(StringComparer.OrdinalIgnoreCase)
            : [];
        var refused = (int)reply.Status >= 400;

        // Asking for parsed values would change how a test then sees them.
        var strange = reply.Message.Headers.NonValidated.Concat(reply.Message.Content.Headers.NonValidated)
            .Select(field => field.Key)
            .Where(name => !GeneralFields.Contains(name) && !declared.Contains(name) && !(refused && FieldsOfRefusals.Contains(name)));
        Assert.True(!strange.Any(), $"{place}: the API's description does not declare the header fields {string.Join(", ", strange)}.");
    }

    private static void CheckBody(string place, JsonElement response, ApiReply reply)
    {
        var types = MediaTypes(response);
        var type = reply.Message.Content.Headers.ContentType?.MediaType ?? "";
        Assert.True(
            types.TryGetValue(type, out var media) || types.TryGetValue("*/*", out media),
            $"{place}: the API's description does not declare a body of the media type '{type}'.{HowTo}");
        if (!type.EndsWith("json", StringComparison.Ordinal) || !types.ContainsKey(type))
        {
            return;
        }

        CheckDocument(place, media, reply.Body);
        if (type == "application/problem+json")
        {
            Assert.True(
                media.GetProperty("examples").TryGetProperty(reply.Code!, out _),
                $"{place}: the API's description does not declare the code '{reply.Code}' here: add it to the examples of that answer.{HowTo}");
        }
    }

    private static void CheckQuery(ApiOperation operation, Uri address)
    {
        var declared = operation.Json.TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Select(Document.Resolve)
                .Where(parameter => parameter.GetProperty("in").GetString() == "query")
                .Select(parameter => parameter.GetProperty("name").GetString()!)
                .ToHashSet(StringComparer.Ordinal)
            : [];
        var strange = QueryHelpers.ParseQuery(address.Query).Keys.Where(name => !declared.Contains(name));
        Assert.True(!strange.Any(), $"{operation}: the API's description does not declare the parameters {string.Join(", ", strange)}.");
    }

    private static void CheckDocument(string place, JsonElement media, byte[] json)
    {
        var schema = media.GetProperty("schema");
        var errors = Schemas.GetOrAdd(schema.GetRawText(), static (_, element) => new ApiSchema(Document, element), schema).Validate(json);
        Assert.True(errors.Count == 0, $"{place}: the document is not what the API's description says.\n{string.Join('\n', errors)}\n{System.Text.Encoding.UTF8.GetString(json)}");
    }

    private static Dictionary<string, JsonElement> MediaTypes(JsonElement owner) => owner.TryGetProperty("content", out var content)
        ? content.EnumerateObject().ToDictionary(media => media.Name, media => media.Value, StringComparer.OrdinalIgnoreCase)
        : [];
}
