using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CasFunctions.Audit;
using CasFunctions.Security;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Azure.Functions.Worker;
using Microsoft.OpenApi;

namespace CasFunctions.Tests.OpenApi;

public sealed partial class DocumentTests(TestServices services, RunningService running)
{
    private static readonly ApiDocument Document = ApiDocument.Current;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_served_to_everybody_and_again_only_when_it_changed()
    {
        var tenant = await running.NewTenantAsync(services);

        var reply = (await tenant.SendAsync(HttpMethod.Get, "/v1/openapi.json", null, null)).Expect(HttpStatusCode.OK);

        Assert.Equal("application/json", reply.Message.Content.Headers.ContentType?.MediaType);
        Assert.Equal("public, max-age=300", reply.Message.Headers.CacheControl?.ToString());
        Assert.Equal(Document.Root.GetProperty("paths").GetRawText(), reply.Json.GetProperty("paths").GetRawText());
        Assert.Equal(Document.Root.GetProperty("components").GetRawText(), reply.Json.GetProperty("components").GetRawText());
        var tag = reply.Message.Headers.ETag!.ToString();
        (await tenant.SendAsync(HttpMethod.Get, "/v1/openapi.json", null, null, ("If-None-Match", tag))).Expect(HttpStatusCode.NotModified);
        (await tenant.SendAsync(HttpMethod.Get, "/v1/openapi.json", null, null, ("If-None-Match", "\"other\""))).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public void Its_address_is_the_services_own_or_that_of_the_document()
    {
        Assert.Equal("/", AddressFor(null));
        Assert.Equal("https://cas.example/tenant", AddressFor(new Uri("https://cas.example/tenant/")));

        static string? AddressFor(Uri? address) =>
            new ApiDocument(new CasFunctions.OpenApi.ApiDescription(Microsoft.Extensions.Options.Options.Create(new CasOptions { PublicAddress = address })).Document)
                .Root.GetProperty("servers")[0].GetProperty("url").GetString();
    }

    [Fact]
    public void It_is_valid_OpenAPI()
    {
        var result = OpenApiDocument.Parse(Document.Root.GetRawText(), OpenApiConstants.Json);

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, result.Diagnostic!.SpecificationVersion);
        Assert.Empty(result.Diagnostic.Errors.Select(error => error.ToString()));
        Assert.Empty(result.Diagnostic.Warnings.Select(warning => warning.ToString()));
        Assert.Equal(Document.Operations.Count, Document.Operations.Select(operation => operation.Json.GetProperty("operationId").GetString()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void It_has_every_function_and_nothing_else()
    {
        var missing = Calls().Select(call => (call.Method, call.Path))
            .Except(Document.Operations.Select(operation => (operation.Method, operation.Path)))
            .Select(call => $"{call.Method} {call.Path}");
        var surplus = Document.Operations.Select(operation => (operation.Method, operation.Path))
            .Except(Calls().Select(call => (call.Method, call.Path)))
            .Select(call => $"{call.Method} {call.Path}");

        Assert.True(!missing.Any(), $"Describe {string.Join(", ", missing)} in an *.openapi.json; see 'How to add an endpoint' in CONTRIBUTING.md.");
        Assert.True(!surplus.Any(), $"No function answers {string.Join(", ", surplus)}; take it out of its *.openapi.json.");
    }

    [Fact]
    public void Each_operation_asks_for_what_its_rule_asks_for()
    {
        var wanted = Calls().ToDictionary(call => $"{call.Method} {call.Path}", call => SecurityOf(AccessRules.For(call.Function)), StringComparer.Ordinal);

        var told = Document.Operations.ToDictionary(
            operation => operation.ToString(), operation => JsonSerializer.Serialize(operation.Json.GetProperty("security")), StringComparer.Ordinal);

        Assert.All(wanted, rule => Assert.Equal($"{rule.Key}: {rule.Value}", $"{rule.Key}: {told.GetValueOrDefault(rule.Key)}"));
    }

    [Fact]
    public void Each_operation_that_may_refuse_credentials_may_also_refuse_to_look_at_them() =>
        Assert.All(
            Document.Operations.Where(operation => operation.Json.GetProperty("responses").TryGetProperty("401", out _)),
            operation => Assert.True(operation.Json.GetProperty("responses").TryGetProperty("429", out _), $"{operation} has no 429."));

    [Fact]
    public void It_has_every_code_of_the_sources_and_nothing_else()
    {
        var inSources = Directory.EnumerateFiles(Path.Combine(Prerequisite.RepositoryRoot, "Functions"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => ProblemsIn().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["code"].Value)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        var described = Document.Problems.EnumerateObject().Select(example => example.Name).Order(StringComparer.Ordinal);
        var answered = Answers().SelectMany(answer => Codes(answer.Response)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        Assert.Contains("digest-mismatch", inSources);
        Assert.Equal(inSources, described);
        Assert.Equal(inSources, answered);
    }

    [Fact]
    public void Problems_are_declared_for_the_status_that_they_have()
    {
        foreach (var (operation, status, response) in Answers())
        {
            // What can't be read as HTTP has the status that the host found for it.
            foreach (var code in Codes(response).Where(code => code != "invalid-request"))
            {
                Assert.Equal($"{operation} {code} {status}", $"{operation} {code} {Document.Problems.GetProperty(code).GetProperty("value").GetProperty("status")}");
            }
        }
    }

    [Fact]
    public void Every_example_is_what_its_schema_says()
    {
        var media = new List<(string Place, JsonElement Media)>();
        foreach (var operation in Document.Operations)
        {
            Collect(operation + " request", operation.Json.TryGetProperty("requestBody", out var body) ? body : default, media);
        }

        foreach (var (operation, status, response) in Answers())
        {
            Collect($"{operation} {status}", response, media);
        }

        var examples = media.SelectMany(type => ExamplesOf(type.Media).Select(example => (type.Place, Schema: type.Media.GetProperty("schema"), Example: example))).ToList();
        Assert.NotEmpty(examples);
        Assert.All(examples, example =>
        {
            var errors = new ApiSchema(Document, example.Schema).Validate(Encoding.UTF8.GetBytes(example.Example.GetRawText()));
            Assert.True(errors.Count == 0, $"{example.Place}: {string.Join('\n', errors)}");
        });
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_component_is_used()
    {
        var references = References(Document.Root).Distinct(StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        Assert.All(references, reference => Document.Resolve(JsonDocument.Parse($$"""{"$ref":"{{reference}}"}""").RootElement));

        var unused = Document.Root.GetProperty("components").EnumerateObject()
            .Where(kind => kind.Name != "securitySchemes")
            .SelectMany(kind => kind.Value.EnumerateObject().Select(component => $"#/components/{kind.Name}/{component.Name}"))
            .Where(component => !references.Contains(component));
        Assert.Empty(unused);
    }

    [Fact]
    public void The_actions_of_the_audit_log_are_all_named()
    {
        var parameter = Document.Find("GET", "/v1/audit")!.Json.GetProperty("parameters").EnumerateArray()
            .Single(parameter => parameter.TryGetProperty("name", out var name) && name.GetString() == "action");

        Assert.Equal(
            AuditActions.All.Order(StringComparer.Ordinal),
            parameter.GetProperty("schema").GetProperty("enum").EnumerateArray().Select(action => action.GetString()!));
    }

    private static void Collect(string place, JsonElement owner, List<(string Place, JsonElement Media)> into)
    {
        if (owner.ValueKind == JsonValueKind.Object && Document.Resolve(owner).TryGetProperty("content", out var content))
        {
            into.AddRange(content.EnumerateObject().Select(media => (place, media.Value)));
        }
    }

    private static IEnumerable<JsonElement> ExamplesOf(JsonElement media) =>
    [
        .. media.TryGetProperty("example", out var example) ? [example] : Array.Empty<JsonElement>(),
        .. media.TryGetProperty("examples", out var examples) ? examples.EnumerateObject().Select(named => Document.Resolve(named.Value).GetProperty("value")) : [],
    ];

    private static IEnumerable<(ApiOperation Operation, string Status, JsonElement Response)> Answers() =>
        Document.Operations.SelectMany(operation => operation.Json.GetProperty("responses").EnumerateObject()
            .Select(response => (operation, response.Name, Document.Resolve(response.Value))));

    private static IEnumerable<string> Codes(JsonElement response) =>
        response.TryGetProperty("content", out var content) && content.TryGetProperty("application/problem+json", out var problem)
            ? problem.GetProperty("examples").EnumerateObject().Select(example => example.Name)
            : [];

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [member.Value.GetString()!] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    /// <summary>What the sources say is called: each function of the API with each of its methods on each of its paths.</summary>
    private static IEnumerable<(string Function, string Method, string Path)> Calls() =>
        from type in typeof(CasApplication).Assembly.GetTypes()
        from method in type.GetMethods()
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        where trigger is not null && trigger.Route!.StartsWith("v1/", StringComparison.Ordinal)
        from verb in trigger.Methods!
        from path in PathsOf(trigger.Route!)
        select (method.GetCustomAttribute<FunctionAttribute>()!.Name, verb.ToUpperInvariant(), path);

    private static IEnumerable<string> PathsOf(string route) => OptionalSegment().Match(route) is { Success: true } optional
        ? ["/" + route[..optional.Index], "/" + route.Replace("?}", "}", StringComparison.Ordinal)]
        : ["/" + route];

    private static string SecurityOf(Access access) => access switch
    {
        Access.Anonymous or Access.Session => "[]",
        Access.RootKey => """[{"rootKey":[]}]""",
        Access.Owner => """[{"apiToken":["owner"]}]""",
        _ => $$"""[{"apiToken":["{{JsonNamingPolicy.CamelCase.ConvertName(access.ToString())}}"]},{"pipelineToken":["{{JsonNamingPolicy.CamelCase.ConvertName(access.ToString())}}"]}]""",
    };

    [GeneratedRegex("""\b(ProblemException|new|base)\(\s*[\w.]+,\s*"(?<code>[a-z][a-z-]+)",\s*["$\w]""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex ProblemsIn();

    [GeneratedRegex(@"/\{\w+\?\}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OptionalSegment();
}
