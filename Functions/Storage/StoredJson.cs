using System.Text.Json.Serialization;
using CasFunctions.Artifacts;
using CasFunctions.Backends;

namespace CasFunctions.Storage;

/// <summary>JSON inside table properties.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<ArtifactLabel>))]
[JsonSerializable(typeof(IReadOnlyList<OwnerNotice>))]
public sealed partial class StoredJson : JsonSerializerContext;
