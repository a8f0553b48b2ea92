using System.Text.Json.Serialization;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>Something that a client process does and measures.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "job")]
[JsonDerivedType(typeof(PutJob), "put")]
[JsonDerivedType(typeof(SessionUploadJob), "session")]
[JsonDerivedType(typeof(GetJob), "get")]
[JsonDerivedType(typeof(RegistryPushJob), "registry-push")]
[JsonDerivedType(typeof(CurlPushJob), "curl-push")]
[JsonDerivedType(typeof(CurlGetJob), "curl-get")]
[JsonDerivedType(typeof(AzureUploadJob), "azure-upload")]
[JsonDerivedType(typeof(AzureDownloadJob), "azure-download")]
[JsonDerivedType(typeof(S3UploadJob), "s3-upload")]
[JsonDerivedType(typeof(S3DownloadJob), "s3-download")]
[JsonDerivedType(typeof(SmallUploadsJob), "small")]
[JsonDerivedType(typeof(ConcurrentUploadsJob), "concurrent")]
internal abstract record ClientJob
{
    /// <summary>Does it once.</summary>
    public abstract Task<ClientResult> RunAsync(CancellationToken cancellationToken);
}

/// <summary>What a job took.</summary>
/// <param name="Seconds">Time on the clock.</param>
/// <param name="CpuSeconds">CPU time of the client and of the programs that it ran.</param>
internal sealed record ClientResult(double Seconds, double CpuSeconds)
{
    /// <summary>Requests that were answered.</summary>
    public int Requests { get; init; }

    /// <summary>How long each took, in milliseconds.</summary>
    public IReadOnlyList<double> Latencies { get; init; } = [];

    /// <summary>What went wrong; null when all went well.</summary>
    public string? Failure { get; init; }
}

/// <summary>The language between the benchmark and its client process: one JSON document a line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClientJob))]
[JsonSerializable(typeof(ClientResult))]
internal sealed partial class ClientJson : JsonSerializerContext;
