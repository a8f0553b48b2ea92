using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Uploads;

/// <summary>The timer of upload sessions.</summary>
public sealed class SessionFunctions(SessionSweeper sweeper)
{
    /// <summary>Removes expired sessions every quarter of an hour.</summary>
    [Function("SweepSessions")]
    public Task SweepAsync([TimerTrigger("0 */15 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        sweeper.RunAsync(cancellationToken);
}
