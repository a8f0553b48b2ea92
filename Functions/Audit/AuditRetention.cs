using CasFunctions.Organizations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Audit;

/// <summary>Deletes events that have been kept for long enough.</summary>
public sealed partial class AuditRetention(
    OrganizationStore organizations, AuditTable table, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditRetention> logger)
{
    /// <summary>Deletes them in all organizations. Repeating it, also at the same time, does no harm.</summary>
    public async Task PruneAsync(CancellationToken cancellationToken)
    {
        if (options.Value.RetentionDays == 0)
        {
            return;
        }

        var firstKept = time.GetUtcNow().AddDays(-options.Value.RetentionDays);
        await foreach (var organization in organizations.NamesAsync(cancellationToken))
        {
            if (await table.DeleteBeforeAsync(organization, firstKept, cancellationToken) is var count and > 0)
            {
                LogPruned(logger, count, organization);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Count} audit events of organization {Organization} have reached their age and were deleted")]
    private static partial void LogPruned(ILogger logger, int count, string organization);
}
