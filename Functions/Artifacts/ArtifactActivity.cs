using System.Globalization;
using CasFunctions.Audit;
using CasFunctions.Security;
using CasFunctions.Telemetry;
using CasFunctions.Usage;

namespace CasFunctions.Artifacts;

/// <summary>Notes what happens to artifacts, in the audit log, the usage and the metrics. None of it waits for a table.</summary>
public sealed class ArtifactActivity(AuditLog audit, UsageMeter usage, CasMetrics metrics)
{
    /// <summary>A content was stored.</summary>
    /// <param name="copy">The copy, with the label of this upload alone.</param>
    /// <param name="onFallback">Whether its backend stood in for the default.</param>
    public ValueTask UploadedAsync(ArtifactCopy copy, bool onFallback)
    {
        ArgumentNullException.ThrowIfNull(copy);
        usage.Add(
            copy.Organization,
            copy.Backend,
            new UsageCounts { Uploads = 1, UploadedBytes = copy.Size, Failovers = onFallback ? 1 : 0 });
        metrics.Uploaded(copy.Size, onFallback);
        var details = Details(copy, copy.Size);
        details["reason"] = copy.BackendReason;
        return RecordAsync(copy, AuditActions.ArtifactUploaded, copy.Labels[0].By, Named(details, copy.Labels[0]));
    }

    /// <summary>An upload found its content there already.</summary>
    /// <param name="copy">The copy that it found.</param>
    /// <param name="label">The label of the upload.</param>
    public ValueTask DeduplicatedAsync(ArtifactCopy copy, ArtifactLabel label)
    {
        ArgumentNullException.ThrowIfNull(copy);
        ArgumentNullException.ThrowIfNull(label);
        usage.Add(copy.Organization, copy.Backend, new UsageCounts { Deduplicated = 1 });
        metrics.Deduplicated();
        return RecordAsync(copy, AuditActions.ArtifactDeduplicated, label.By, Named(Details(copy, copy.Size), label));
    }

    /// <summary>A link was made by which a content can be downloaded.</summary>
    /// <param name="caller">Who made it.</param>
    /// <param name="copy">The artifact.</param>
    /// <param name="link">What the link is called in the records.</param>
    public ValueTask LinkedAsync(Caller caller, ArtifactCopy copy, string link)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(copy);
        return RecordAsync(
            copy,
            AuditActions.ArtifactLinked,
            caller.Identity,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["link"] = link });
    }

    /// <summary>A content, or a part of one, is about to be handed out.</summary>
    /// <param name="caller">Who gets it.</param>
    /// <param name="copy">The copy that it is read from.</param>
    /// <param name="count">The number of bytes asked for.</param>
    public ValueTask DownloadedAsync(Caller caller, ArtifactCopy copy, long count)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(copy);
        usage.Add(copy.Organization, copy.Backend, new UsageCounts { Downloads = 1, DownloadedBytes = count });
        metrics.Downloaded(count);
        var details = Details(copy, count);
        if (caller.Link is { } link)
        {
            details["link"] = link;
        }

        return RecordAsync(copy, AuditActions.ArtifactDownloaded, caller.Identity, details);
    }

    /// <summary>A copy was found altered or gone.</summary>
    public ValueTask CorruptAsync(ArtifactCopy copy)
    {
        ArgumentNullException.ThrowIfNull(copy);
        usage.Add(copy.Organization, copy.Backend, new UsageCounts { VerificationFailures = 1 });
        metrics.FoundCorrupt();
        return RecordAsync(copy, AuditActions.ArtifactCorrupt, AuditEvent.System, Details(copy, copy.Size));
    }

    /// <summary>A copy was read again and found right.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="actor">Who asked for it.</param>
    public ValueTask VerifiedAsync(ArtifactCopy copy, string actor)
    {
        ArgumentNullException.ThrowIfNull(copy);
        return RecordAsync(copy, AuditActions.ArtifactVerified, actor, Details(copy, copy.Size));
    }

    private ValueTask RecordAsync(ArtifactCopy copy, string action, string actor, Dictionary<string, string> details) => audit.RecordAsync(
        new AuditEvent
        {
            Organization = copy.Organization,
            Actor = actor,
            Action = action,
            Subject = copy.Digest.ToString(),
            Details = details,
        });

    private static Dictionary<string, string> Details(ArtifactCopy copy, long count) => new(StringComparer.Ordinal)
    {
        ["backend"] = copy.Backend,
        ["bytes"] = count.ToString(CultureInfo.InvariantCulture),
    };

    private static Dictionary<string, string> Named(Dictionary<string, string> details, ArtifactLabel label)
    {
        if (label.Name is { } name)
        {
            details["name"] = name;
        }

        return details;
    }
}
