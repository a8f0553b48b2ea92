namespace CasFunctions.Uploads;

/// <summary>The settings of uploads, section <c>Cas:Uploads</c>.</summary>
public sealed class UploadOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Uploads";

    /// <summary>The most bytes that all uploads of this instance may hold in memory; null for a quarter of what the process may use.</summary>
    public long? MemoryBudget { get; init; }

    /// <summary>How long a client may send nothing before its request is ended.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a session can be used.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long an upload waits for buffer memory before it is answered with 503.</summary>
    public TimeSpan MemoryWait { get; init; } = TimeSpan.FromSeconds(10);
}
