using System.Text.Json;
using System.Text.Json.Serialization;
using CasFunctions.Artifacts;
using CasFunctions.Audit;
using CasFunctions.Backends;
using CasFunctions.Health;
using CasFunctions.Links;
using CasFunctions.Organizations;
using CasFunctions.Trusts;
using CasFunctions.Uploads;
using CasFunctions.Usage;
using CasFunctions.Verification;

namespace CasFunctions.Http;

/// <summary>A problem as RFC 9457 writes it.</summary>
public sealed record ProblemDocument
{
    /// <summary>The problem type's URI.</summary>
    public required string Type { get; init; }

    /// <summary>The kind of problem.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What happened this time.</summary>
    public required string Detail { get; init; }

    /// <summary>A stable word for programs.</summary>
    public required string Code { get; init; }

    /// <summary>What the caller can do about it.</summary>
    public string? Hint { get; init; }

    /// <summary>Leads to the service's log entries of this request.</summary>
    public required string TraceId { get; init; }

    /// <summary>Further members.</summary>
    [JsonExtensionData]
    public IDictionary<string, object>? Members { get; set; }
}

/// <summary>The API's documents.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ArtifactPage))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(BackendChange))]
[JsonSerializable(typeof(BackendDocument))]
[JsonSerializable(typeof(BackendList))]
[JsonSerializable(typeof(BackendRemovalDocument))]
[JsonSerializable(typeof(CallerDocument))]
[JsonSerializable(typeof(CopyList))]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(LinkDocument))]
[JsonSerializable(typeof(NewBackend))]
[JsonSerializable(typeof(NewExchange))]
[JsonSerializable(typeof(NewOrganization))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(NewTrust))]
[JsonSerializable(typeof(NewUpload))]
[JsonSerializable(typeof(OrganizationChange))]
[JsonSerializable(typeof(OrganizationDocument))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(ResourceDescriptor))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(TokenDocument))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(TrustDocument))]
[JsonSerializable(typeof(TrustList))]
[JsonSerializable(typeof(UploadDocument))]
[JsonSerializable(typeof(VerificationDocument))]
[JsonSerializable(typeof(UsageReport))]
public sealed partial class ApiJson : JsonSerializerContext;
