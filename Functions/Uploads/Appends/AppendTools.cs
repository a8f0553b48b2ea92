using CasFunctions.Backends;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads.Appends;

/// <summary>The parts of the service that an append works with.</summary>
/// <param name="access">Writes sessions.</param>
/// <param name="staging">Keeps what is less than a part, and what waits for its backend.</param>
/// <param name="uploads">Remembers uploads that no session's row tells of.</param>
/// <param name="connections">Opens backends.</param>
/// <param name="health">Learns how they did.</param>
/// <param name="memory">Where buffers come from.</param>
/// <param name="options">The settings.</param>
/// <param name="time">The clock.</param>
public sealed class AppendTools(
    SessionAccess access,
    StagingArea staging,
    RememberedUploads uploads,
    BackendConnections connections,
    BackendHealth health,
    UploadMemory memory,
    IOptions<UploadOptions> options,
    TimeProvider time)
{
    internal SessionAccess Access { get; } = access;

    internal StagingArea Staging { get; } = staging;

    internal RememberedUploads Uploads { get; } = uploads;

    internal BackendConnections Connections { get; } = connections;

    internal BackendHealth Health { get; } = health;

    internal UploadMemory Memory { get; } = memory;

    internal UploadOptions Options { get; } = options.Value;

    internal TimeProvider Time { get; } = time;
}
