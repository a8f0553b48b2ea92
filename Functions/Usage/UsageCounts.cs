namespace CasFunctions.Usage;

/// <summary>What was done with a backend.</summary>
public record UsageCounts
{
    /// <summary>Contents stored.</summary>
    public long Uploads { get; init; }

    /// <summary>Their bytes.</summary>
    public long UploadedBytes { get; init; }

    /// <summary>Uploads whose content was there already.</summary>
    public long Deduplicated { get; init; }

    /// <summary>Contents, or parts of contents, handed out.</summary>
    public long Downloads { get; init; }

    /// <summary>The bytes that were asked for then.</summary>
    public long DownloadedBytes { get; init; }

    /// <summary>Those of the uploads that this backend took in place of the default.</summary>
    public long Failovers { get; init; }

    /// <summary>How often a copy was found altered or gone.</summary>
    public long VerificationFailures { get; init; }

    /// <summary>The sum of both.</summary>
    public UsageCounts Plus(UsageCounts more)
    {
        ArgumentNullException.ThrowIfNull(more);
        return this with
        {
            Uploads = Uploads + more.Uploads,
            UploadedBytes = UploadedBytes + more.UploadedBytes,
            Deduplicated = Deduplicated + more.Deduplicated,
            Downloads = Downloads + more.Downloads,
            DownloadedBytes = DownloadedBytes + more.DownloadedBytes,
            Failovers = Failovers + more.Failovers,
            VerificationFailures = VerificationFailures + more.VerificationFailures,
        };
    }
}

/// <summary>What was done with a backend on one day.</summary>
public sealed record DayUsage : UsageCounts
{
    /// <summary>The day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The backend.</summary>
    public required string Backend { get; init; }
}

/// <summary>What was done with a backend on all days asked for.</summary>
public sealed record BackendUsage : UsageCounts
{
    /// <summary>The backend.</summary>
    public required string Backend { get; init; }
}

/// <summary>An organization's usage.</summary>
/// <param name="From">The first day asked for.</param>
/// <param name="To">The last day asked for.</param>
/// <param name="Days">The days and backends with any use, in order.</param>
/// <param name="Totals">The sums by backend.</param>
public sealed record UsageReport(DateOnly From, DateOnly To, IReadOnlyList<DayUsage> Days, IReadOnlyList<BackendUsage> Totals);
