using System.Globalization;
using CasFunctions.Audit;

namespace CasFunctions.Backends;

/// <summary>Notes in the audit log what happens to backends.</summary>
public sealed class BackendAudit(AuditLog audit)
{
    /// <summary>Notes what a caller did, before the answer is given.</summary>
    /// <param name="actor">Who did it.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="action">One of <see cref="AuditActions"/>.</param>
    /// <param name="details">More about it; null for nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task RecordAsync(
        string actor, Backend backend, string action, IReadOnlyDictionary<string, string>? details, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return audit.RecordNowAsync(
            new AuditEvent
            {
                Organization = backend.Organization,
                Actor = actor,
                Action = action,
                Subject = backend.Name,
                Details = details,
            },
            cancellationToken);
    }

    /// <summary>Notes that a check changed a backend's condition. Waits for no table.</summary>
    public ValueTask ConditionChangedAsync(Backend backend, BackendStatus before)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var action = (before, backend.Status) switch
        {
            (not BackendStatus.Invalid, BackendStatus.Invalid) => AuditActions.BackendInvalid,
            (BackendStatus.Invalid, BackendStatus.Healthy) => AuditActions.BackendRecovered,
            _ => null,
        };
        return action is null
            ? ValueTask.CompletedTask
            : audit.RecordAsync(new AuditEvent
            {
                Organization = backend.Organization,
                Actor = AuditEvent.System,
                Action = action,
                Subject = backend.Name,
                Details = backend.StatusReason is { } reason ? Details(("reason", reason)) : null,
            });
    }

    /// <summary>What was changed, as the log shows it.</summary>
    internal static Dictionary<string, string> Describe(BackendChange change)
    {
        List<(string Name, string? Value)> members =
        [
            ("description", change.Description),
            ("maxBytes", change.MaxBytes?.ToString(CultureInfo.InvariantCulture)),
            ("default", Write(change.Default)),
            ("fallback", Write(change.Fallback)),
            ("swap", Write(change.Swap)),
            ("force", Write(change.Force)),
        ];
        return Details([.. members]);

        static string? Write(bool? value) => value switch { true => "true", false => "false", _ => null };
    }

    internal static Dictionary<string, string> Details(params (string Name, string? Value)[] members) =>
        members
            .Where(member => member.Value is not null)
            .ToDictionary(member => member.Name, member => member.Value!, StringComparer.Ordinal);
}
