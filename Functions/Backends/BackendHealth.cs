using System.Collections.Concurrent;
using CasFunctions.Digests;
using CasFunctions.Notifications;
using CasFunctions.Providers;
using CasFunctions.Providers.Inline;
using CasFunctions.Secrets;
using CasFunctions.Storage;
using CasFunctions.Validation;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Backends;

/// <summary>
/// What real transfers tell of the backends. A backend that failed is avoided by this instance for half a minute, so that a dead one does
/// not cost every upload its time-out, and is handed to the validation, which decides for all instances.
/// </summary>
public sealed partial class BackendHealth(
    BackendStore backends, ValidationSchedule schedule, TimeProvider time, ILogger<BackendHealth> logger)
{
    private const int MaxTripped = 10_000;

    /// <summary>How long this instance avoids a backend after a failure.</summary>
    public static readonly TimeSpan AvoidTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan CorruptNoticeInterval = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<(string Organization, string Name), DateTimeOffset> _avoidedUntil = new();

    /// <summary>True when a failure is the backend's, so that another backend may do better with the same content.</summary>
    public static bool IsFault(Exception failure) => failure is SecretStoreException or ProviderException
    {
        Kind: ProviderErrorKind.Unreachable or ProviderErrorKind.Unavailable or ProviderErrorKind.CredentialsRefused
            or ProviderErrorKind.Forbidden or ProviderErrorKind.Misconfigured or ProviderErrorKind.AddressRefused,
    };

    /// <summary>Says in a few words what is wrong, for the reason that sessions and descriptors show.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        ProviderException { Kind: ProviderErrorKind.Unreachable } => "can't be reached",
        ProviderException { Kind: ProviderErrorKind.CredentialsRefused or ProviderErrorKind.Forbidden } => "refuses the credentials",
        ProviderException { Kind: ProviderErrorKind.Misconfigured or ProviderErrorKind.AddressRefused } => "is misconfigured",
        SecretStoreException => "has no readable credentials",
        _ => "is unavailable",
    };

    /// <summary>True while this instance avoids a backend.</summary>
    public bool IsAvoided(Backend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return _avoidedUntil.TryGetValue((backend.Organization, backend.Name), out var until) && until > time.GetUtcNow();
    }

    /// <summary>Notes that a transfer to a backend succeeded.</summary>
    public void ReportSuccess(Backend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _avoidedUntil.TryRemove((backend.Organization, backend.Name), out _);
    }

    /// <summary>
    /// Notes that a transfer to a backend failed by the backend's fault. A default or fallback becomes suspect for all instances, and is
    /// checked at the next run of the validation.
    /// </summary>
    public async Task ReportFailureAsync(Backend backend, Exception failure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(failure);
        LogFailed(logger, backend.Name, backend.Organization, failure);
        if (IsAvoided(backend))
        {
            return;
        }

        if (_avoidedUntil.Count >= MaxTripped)
        {
            _avoidedUntil.Clear();
        }

        _avoidedUntil[(backend.Organization, backend.Name)] = time.GetUtcNow() + AvoidTime;
        try
        {
            await DoubtAsync(backend, failure, cancellationToken);
        }
        catch (Exception trouble) when (AppStorage.IsUnavailable(trouble) || trouble is Http.ProblemException)
        {
            // The transfer goes on elsewhere all the same.
            LogNotNoted(logger, backend.Name, backend.Organization, trouble);
        }
    }

    /// <summary>
    /// Has the owners told that a backend holds altered content: once a day at most, however much of it is found. The mail goes out with
    /// the next run of the validation.
    /// </summary>
    /// <param name="backend">The backend.</param>
    /// <param name="digest">The digest that the content should have.</param>
    /// <param name="name">A name of the content; null when it has none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task ReportCorruptAsync(Backend backend, Sha256Digest digest, string? name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backend);
        var now = time.GetUtcNow();
        var notice = new OwnerNotice
        {
            Kind = NoticeKind.ContentCorrupt,
            At = now,
            Since = now,
            Digest = digest.ToString(),
            ArtifactName = name,
        };
        var told = await backends.ChangeAsync(
            backend.Organization,
            backend.Name,
            current => current.Notices.Any(known => known.Kind == NoticeKind.ContentCorrupt && known.At > now - CorruptNoticeInterval)
                ? null
                : ValidationPolicy.AddNotice(current, notice) with { DueAt = now },
            cancellationToken);
        if (told is not null)
        {
            await schedule.AddAsync(told, cancellationToken);
        }
    }

    private async Task DoubtAsync(Backend backend, Exception failure, CancellationToken cancellationToken)
    {
        var set = await backends.ReadAsync(backend.Organization, cancellationToken);
        if (backend.Provider == InlineProvider.KindName || !set.IsSelected(backend.Name))
        {
            return;
        }

        var reason = failure is ProviderException ? failure.Message : "Its credentials can't be read.";
        var doubted = await backends.ChangeAsync(
            backend.Organization, backend.Name, current => ValidationPolicy.Doubt(current, reason, time.GetUtcNow()), cancellationToken);
        if (doubted is not null)
        {
            await schedule.AddAsync(doubted, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Backend {Backend} of organization {Organization} failed a transfer")]
    private static partial void LogFailed(ILogger logger, string backend, string organization, Exception failure);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The failure of backend {Backend} of organization {Organization} could not be noted")]
    private static partial void LogNotNoted(ILogger logger, string backend, string organization, Exception failure);
}
