using System.Text.Json.Nodes;

namespace CasFunctions.Tests.OpenApi;

/// <summary>What the types of the API's documents don't say of their members: the limits that the service checks.</summary>
public static class SchemaFacts
{
    private const string Label = """{"pattern":"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}""";
    private const string Digest = """{"pattern":"^sha256:[0-9a-f]{64}$"}""";
    private const string Owners = """{"minItems":1,"items":{"type":"string","format":"email"}}""";
    private const string MaxBytes = """{"minimum":1,"maximum":68719476736}""";
    private const string Expiry = """{"minimum":1,"maximum":316224000}""";
    private const string Settings = """
        {"anyOf":[{"$ref":"#/components/schemas/AzureBlobSettings"},{"$ref":"#/components/schemas/S3Settings"},{"$ref":"#/components/schemas/OciSettings"}]}
        """;

    private const string Credentials = """
        {"anyOf":[{"$ref":"#/components/schemas/AzureBlobCredentials"},{"$ref":"#/components/schemas/S3Credentials"},
        {"$ref":"#/components/schemas/OciCredentials"},{"type":"null"}]}
        """;

    private static readonly Dictionary<string, string> Facts = new(StringComparer.Ordinal)
    {
        ["NewBackend.name"] = Label,
        ["NewBackend.provider"] = """{"enum":["azure-blob","aws-s3","oci"]}""",
        ["NewBackend.description"] = """{"maxLength":1000}""",
        ["NewBackend.maxBytes"] = MaxBytes,
        ["NewBackend.settings"] = Settings,
        ["NewBackend.credentials"] = Credentials,
        ["BackendChange.description"] = """{"maxLength":1000}""",
        ["BackendChange.maxBytes"] = MaxBytes,
        ["BackendChange.credentials"] = Credentials,
        ["NewOrganization.name"] = Label,
        ["NewOrganization.owners"] = Owners,
        ["OrganizationChange.owners"] = Owners,
        ["NewToken.name"] = """{"minLength":1,"maxLength":200}""",
        ["NewToken.expiresInSeconds"] = Expiry,
        ["NewTrust.issuer"] = """{"format":"uri","pattern":"^https://","maxLength":500}""",
        ["NewTrust.role"] = """{"enum":["viewer","downloader","uploader"]}""",
        ["NewTrust.claims"] = """{"minProperties":1,"maxProperties":20}""",
        ["NewTrust.audience"] = """{"minLength":1,"maxLength":500}""",
        ["NewTrust.description"] = """{"maxLength":200}""",
        ["NewTrust.expiresInSeconds"] = Expiry,
        ["NewUpload.digest"] = Digest,
        ["NewUpload.size"] = """{"minimum":0}""",
        ["NewUpload.backend"] = Label,
        ["Upload.digest"] = Digest,
        ["Upload.size"] = """{"minimum":0}""",
        ["Upload.offset"] = """{"minimum":0}""",
        ["ListedArtifact.digest"] = Digest,
        ["CopyList.digest"] = Digest,
        ["Verification.digest"] = Digest,
        ["ArtifactDigests.sha256"] = """{"pattern":"^[0-9a-f]{64}$"}""",
        ["Problem.type"] = """{"format":"uri-reference"}""",
    };

    /// <summary>The members that something is said of.</summary>
    public static IEnumerable<string> Members => Facts.Keys;

    /// <summary>Adds what is known of a member to its schema.</summary>
    /// <param name="member">The schema's and the member's name, such as <c>NewUpload.size</c>.</param>
    /// <param name="schema">Its schema.</param>
    public static void Add(string member, JsonObject schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (!Facts.TryGetValue(member, out var facts))
        {
            return;
        }

        foreach (var (keyword, value) in JsonNode.Parse(facts)!.AsObject())
        {
            schema[keyword] = value!.DeepClone();
        }
    }
}
