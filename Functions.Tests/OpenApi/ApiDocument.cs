using System.Text.Json;
using System.Text.RegularExpressions;

namespace CasFunctions.Tests.OpenApi;

/// <summary>The API's description as the service serves it, taken apart for the tests.</summary>
public sealed partial class ApiDocument
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch"];

    /// <summary>Takes a document apart.</summary>
    public ApiDocument(ReadOnlyMemory<byte> json)
    {
        Root = JsonDocument.Parse(json).RootElement;
        Operations =
        [
            .. Root.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
                .Where(member => Methods.Contains(member.Name, StringComparer.Ordinal))
                .Select(member => new ApiOperation(member.Name.ToUpperInvariant(), path.Name, member.Value))),
        ];
    }

    /// <summary>The document of this version of the service.</summary>
    public static ApiDocument Current { get; } =
        new(new CasFunctions.OpenApi.ApiDescription(Microsoft.Extensions.Options.Options.Create(new CasOptions())).Document);

    /// <summary>The whole document.</summary>
    public JsonElement Root { get; }

    /// <summary>Its operations, in the order of the document.</summary>
    public IReadOnlyList<ApiOperation> Operations { get; }

    /// <summary>The examples of problems by their code.</summary>
    public JsonElement Problems => Root.GetProperty("components").GetProperty("examples");

    /// <summary>What an element says, followed to where it is kept when it is a reference.</summary>
    public JsonElement Resolve(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("$ref", out var reference))
        {
            return element;
        }

        var target = Root;
        foreach (var step in reference.GetString()!.TrimStart('#', '/').Split('/'))
        {
            Assert.True(target.TryGetProperty(step, out target), $"{reference} leads nowhere.");
        }

        return target;
    }

    /// <summary>The operation that answers a request; null when there is none.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="path">Its path, without the query.</param>
    public ApiOperation? Find(string method, string path) =>
        Operations.Where(operation => operation.Method == method && Fits(operation.Path, path)).MinBy(operation => operation.Path.Count(c => c == '{'));

    private static bool Fits(string template, string path)
    {
        var wanted = template.Split('/');
        var given = path.Split('/');
        return wanted.Length == given.Length && wanted.Zip(given).All(pair => Parameter().IsMatch(pair.First) ? pair.Second.Length > 0 : pair.First == pair.Second);
    }

    [GeneratedRegex(@"^\{\w+\}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}

/// <summary>One operation.</summary>
/// <param name="Method">The method, in capitals.</param>
/// <param name="Path">The path's template.</param>
/// <param name="Json">What the document says of it.</param>
public sealed record ApiOperation(string Method, string Path, JsonElement Json)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Path}";
}
