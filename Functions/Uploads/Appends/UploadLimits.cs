using CasFunctions.Backends;
using CasFunctions.Http;
using Microsoft.Extensions.Options;

namespace CasFunctions.Uploads.Appends;

/// <summary>Writes the field Upload-Limit.</summary>
public sealed class UploadLimits(IOptions<UploadOptions> options, TimeProvider time)
{
    /// <summary>The limits of uploads in general.</summary>
    public string General() => StructuredFields.WriteDictionary(
        ("max-size", BackendChanges.HighestMaxBytes),
        ("max-append-size", options.Value.MaxAppendBytes),
        ("max-age", (long)options.Value.SessionLifetime.TotalSeconds));

    /// <summary>The limits of a session.</summary>
    public string Of(UploadSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Of(session.Size, session.ExpiresAt);
    }

    /// <summary>The limits of a new session.</summary>
    public string Of(UploadDocument session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Of(session.Size, session.ExpiresAt);
    }

    private string Of(long size, DateTimeOffset expiresAt) => StructuredFields.WriteDictionary(
        ("max-size", size),
        ("max-append-size", options.Value.MaxAppendBytes),
        ("max-age", Math.Max(0, (long)(expiresAt - time.GetUtcNow()).TotalSeconds)));
}
