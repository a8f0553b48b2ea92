using System.Text.Json;
using CasFunctions.Audit;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Providers.Inline;
using CasFunctions.Secrets;
using CasFunctions.Security;
using CasFunctions.Validation;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Backends;

/// <summary>Changes backends: what is said of them, their limits, their credentials, and which is the default and the fallback.</summary>
public sealed partial class BackendChanges(
    BackendStore store,
    BackendConnections connections,
    BackendProbe probe,
    BackendValidator validator,
    BackendAudit audit,
    ISecretStore secrets,
    TimeProvider time,
    ILogger<BackendChanges> logger)
{
    /// <summary>The most that an owner can allow: 64 GiB.</summary>
    public const long HighestMaxBytes = 64L * 1024 * 1024 * 1024;

    private const int MaxDescription = 1_000;

    /// <summary>Changes a backend. Credentials come first, because they may be refused; nothing else is changed then.</summary>
    /// <exception cref="ProblemException">The request is not valid, or the backend or its new credentials don't work.</exception>
    public async Task ApplyAsync(Caller caller, string name, BackendChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(change);
        var organization = caller.Organization;
        var set = await store.ReadFreshAsync(organization, cancellationToken);
        var backend = set.Find(name) is { DeletedAt: null } found ? found : throw Problems.NotFound("backend");
        Check(backend, change);
        if (change.Credentials is { } credentials)
        {
            backend = await RotateAsync(backend, set.IsSelected(name), credentials, cancellationToken);
            await audit.RecordAsync(caller.Identity, backend, AuditActions.BackendRotated, null, cancellationToken);
        }

        if (change.Description is not null || change.MaxBytes is not null)
        {
            backend = await store.ChangeAsync(
                organization,
                name,
                current => current with
                {
                    Description = change.Description ?? current.Description,
                    MaxBytes = change.MaxBytes ?? current.MaxBytes,
                },
                cancellationToken) ?? throw Problems.NotFound("backend");
            await audit.RecordAsync(
                caller.Identity, backend, AuditActions.BackendChanged, BackendAudit.Describe(change), cancellationToken);
        }

        if (change.Default is not null || change.Fallback is not null)
        {
            await SelectAsync(caller, backend, change, proven: change.Credentials is not null, cancellationToken);
        }
    }

    /// <summary>
    /// Makes a backend the default or the fallback, or takes that from it. One that is to become either is checked first.
    /// </summary>
    /// <param name="caller">Who asks for it.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="change">What it is to become.</param>
    /// <param name="proven">True when it was checked just now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProblemException">409: it can't be that now.</exception>
    public async Task SelectAsync(Caller caller, Backend backend, BackendChange change, bool proven, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(change);
        var wanted = change is { Default: true } or { Fallback: true };
        if (wanted && !proven)
        {
            var set = await store.ReadFreshAsync(backend.Organization, cancellationToken);
            var now = await validator.ValidateAsync(backend, set.IsSelected(backend.Name), cancellationToken)
                ?? throw Problems.NotFound("backend");
            if (now.Status != BackendStatus.Healthy && change.Force != true)
            {
                throw Unusable(now);
            }
        }

        await store.SelectAsync(backend.Organization, set => Select(set, backend.Name, change), cancellationToken);
        await audit.RecordAsync(caller.Identity, backend, AuditActions.BackendSelected, BackendAudit.Describe(change), cancellationToken);
        if (wanted)
        {
            await validator.WatchAsync(backend, cancellationToken);
        }
    }

    /// <summary>Checks a description's length.</summary>
    internal static void CheckDescription(string? description)
    {
        if (description?.Length > MaxDescription)
        {
            throw Problems.InvalidRequest("description", "A description has at most 1,000 characters.");
        }
    }

    /// <summary>Checks a limit.</summary>
    internal static long CheckMaxBytes(long maxBytes) => maxBytes is > 0 and <= HighestMaxBytes
        ? maxBytes
        : throw Problems.InvalidRequest("maxBytes", "The largest content is between 1 byte and 64 GiB (68719476736).");

    /// <summary>Refuses a request whose backend failed its check.</summary>
    internal static void Demand(ProbeResult result)
    {
        if (result.Outcome != ProbeOutcome.Passed)
        {
            throw new ProblemException(422, "backend-check-failed", "The backend does not work", result.Reason ?? "The check failed.")
            {
                Hint = "Nothing was stored. Correct the settings or the credentials and repeat the request.",
            };
        }
    }

    /// <summary>The selection after a change of one backend.</summary>
    private static BackendSelection Select(BackendSet set, string name, BackendChange change)
    {
        if (set.Find(name) is not { DeletedAt: null } backend)
        {
            throw Problems.NotFound("backend");
        }

        var wanted = change is { Default: true } or { Fallback: true };
        if (wanted && (backend.ArchivedAt is not null || (backend.Status == BackendStatus.Invalid && change.Force != true)))
        {
            throw Unusable(backend);
        }

        var selection = set.Selection;
        if (change.Default == true)
        {
            var former = change.Swap == true && selection.Default != name ? selection.Default : null;
            selection = new(name, former ?? (selection.Fallback == name ? null : selection.Fallback));
        }
        else if (change.Default == false && selection.Default == name)
        {
            selection = selection with { Default = null };
        }

        return change.Fallback switch
        {
            true when selection.Default == name => throw new ProblemException(
                409, "is-default", "The backend is the default", $"'{name}' is the default, and can't be the fallback as well.")
            {
                Hint = "Make another backend the default first, or swap: PATCH the other one with {\"default\": true, \"swap\": true}.",
            },
            true => selection with { Fallback = name },
            false when selection.Fallback == name => selection with { Fallback = null },
            _ => selection,
        };
    }

    private static ProblemException Unusable(Backend backend) =>
        new(
            409,
            "backend-unusable",
            "The backend can't be used",
            $"'{backend.Name}' can't be selected: {backend.StatusReason ?? "it is archived."}")
        {
            Hint = backend.ArchivedAt is null ? "Repair it first, or send \"force\": true to select it all the same." : null,
        };

    private static void Check(Backend backend, BackendChange change)
    {
        CheckDescription(change.Description);
        if (change is { Default: true, Fallback: true })
        {
            throw Problems.InvalidRequest("fallback", "A backend is the default or the fallback, never both.");
        }

        if (change.MaxBytes is { } maxBytes)
        {
            CheckMaxBytes(maxBytes);
            if (backend.Provider == InlineProvider.KindName)
            {
                throw Problems.InvalidRequest("maxBytes", "The inline backend's limit is fixed at 500 KiB (512000).");
            }
        }

        if (backend.ArchivedAt is not null && change.Credentials is null)
        {
            throw new ProblemException(
                409,
                "backend-archived",
                "The backend is archived",
                $"'{backend.Name}' was deleted. It can be read, but not used for uploads.")
            {
                Hint = "Only its credentials can be changed, so that what it holds stays readable.",
            };
        }
    }

    /// <summary>
    /// Replaces credentials: proves the new ones, writes them as a new version, switches the row to it, and disables the version before. A
    /// failed proof leaves no trace, and whoever works with the old version reads the row again when it is refused.
    /// </summary>
    private async Task<Backend> RotateAsync(Backend backend, bool selected, JsonElement credentials, CancellationToken cancellationToken)
    {
        string secret;
        try
        {
            secret = connections.FindProvider(backend.Provider)!.ConfigureCredentials(backend.Organization, backend.Settings, credentials);
        }
        catch (BackendSettingsException failure)
        {
            throw Problems.InvalidRequest(failure.Field, failure.Message);
        }

        var renewed = connections.Open(backend.Organization, backend.Name, backend.Provider, backend.Settings, secret);
        Demand(await probe.RunAsync(renewed, prepare: false, cancellationToken));

        var name = backend.SecretName ?? SecretName.Create(backend.Organization, backend.Name);
        var version = await secrets.WriteAsync(name, secret, cancellationToken);
        var switched = await store.ChangeAsync(
            backend.Organization,
            backend.Name,
            current => current.SecretVersion == backend.SecretVersion || current.SecretVersion == version // Written, and the answer lost.
                ? ValidationPolicy.Apply(
                    current with { SecretName = name, SecretVersion = version }, ProbeResult.Passed, selected, time.GetUtcNow())
                : null,
            cancellationToken);
        if (switched is null)
        {
            await DisableAsync(backend, name, version, cancellationToken);
            throw Problems.Conflict("The backend's credentials were changed by another request.");
        }

        if (backend is { SecretName: { } formerName, SecretVersion: { } formerVersion })
        {
            await DisableAsync(backend, formerName, formerVersion, cancellationToken);
        }

        return await validator.FollowUpAsync(switched, cancellationToken);
    }

    /// <summary>Disables a version that nothing refers to any more. When that fails it only stays readable for the app itself.</summary>
    private async Task DisableAsync(Backend backend, string secret, string version, CancellationToken cancellationToken)
    {
        try
        {
            await secrets.DisableAsync(secret, version, cancellationToken);
        }
        catch (SecretStoreException failure)
        {
            LogNotDisabled(logger, backend.Name, backend.Organization, failure);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The former credentials of backend {Backend} of organization {Organization} could not be disabled")]
    private static partial void LogNotDisabled(ILogger logger, string backend, string organization, Exception failure);
}
