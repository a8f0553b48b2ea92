namespace CasFunctions.Uploads;

/// <summary>The settings of uploads, section <c>Cas:Uploads</c>.</summary>
public sealed class UploadOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Uploads";

    /// <summary>
    /// The most bytes that all uploads of this instance may hold in memory; null for a quarter of what the process may use.
    /// </summary>
    public long? MemoryBudget { get; init; }

    /// <summary>How long a client may send nothing before its request is ended.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a session can be used.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// The append size in bytes that the service asks clients to keep to. Larger ones are taken all the same: by the time the service
    /// sees one, a host that reads bodies into memory has done so, and chunked bodies stream anyway.
    /// </summary>
    public long MaxAppendBytes { get; init; } = 16L * 1024 * 1024;

    /// <summary>
    /// Largest content in bytes of a session on a backend that takes a content in one request only, such as a registry: its appends wait
    /// in the service's own storage, and have to be forwarded within one request.
    /// </summary>
    public long MaxStagedBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>How long an upload waits for buffer memory before it is answered with 503.</summary>
    public TimeSpan MemoryWait { get; init; } = TimeSpan.FromSeconds(10);
}
