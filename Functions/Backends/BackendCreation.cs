using CasFunctions.Artifacts;
using CasFunctions.Audit;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Providers.Inline;
using CasFunctions.Secrets;
using CasFunctions.Security;
using CasFunctions.Validation;

namespace CasFunctions.Backends;

/// <summary>Adds backends.</summary>
public sealed class BackendCreation(
    BackendStore store,
    BackendConnections connections,
    BackendProbe probe,
    BackendChanges changes,
    BackendAudit audit,
    ArtifactIndex index,
    ISecretStore secrets,
    TimeProvider time)
{
    /// <summary>Largest content of a backend unless its owner says otherwise: 100 MiB.</summary>
    public const long DefaultMaxBytes = 100L * 1024 * 1024;

    /// <summary>The name of the backend that every organization has.</summary>
    public const string InlineName = "inline";

    /// <summary>Gives a new organization its inline backend and makes it the default.</summary>
    public async Task AddInlineAsync(string organization, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await store.TryAddAsync(
            new Backend
            {
                Organization = organization,
                Name = InlineName,
                Provider = InlineProvider.KindName,
                Location = "",
                Settings = "{}",
                Description = "Embeds the content in the attestation",
                MaxBytes = InlineProvider.MaxSize,
                StatusSince = now,
                CreatedAt = now,
            },
            cancellationToken);
        await store.SelectAsync(organization, set => set.Selection with { Default = set.Default ?? InlineName }, cancellationToken);
    }

    /// <summary>Adds a backend after proving that it works. A failed proof stores nothing.</summary>
    /// <exception cref="ProblemException">The request is not valid, the name is taken, or the backend doesn't work.</exception>
    public async Task<Backend> AddAsync(Caller caller, NewBackend request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        var organization = caller.Organization;
        if (!DnsLabel.IsValid(request.Name))
        {
            throw Problems.InvalidRequest("name", "A backend's name is a DNS label: 1 to 63 lowercase letters, digits and hyphens.");
        }

        if (connections.FindProvider(request.Provider) is not { } provider)
        {
            throw Problems.InvalidRequest(
                "provider", $"The provider must be one of: {string.Join(", ", connections.Kinds.Order(StringComparer.Ordinal))}.");
        }

        BackendChanges.CheckDescription(request.Description);
        var maxBytes = BackendChanges.CheckMaxBytes(request.MaxBytes ?? DefaultMaxBytes);
        if (request is { Default: true, Fallback: true })
        {
            throw Problems.InvalidRequest("fallback", "A backend is the default or the fallback, never both.");
        }

        var before = await store.ReadFreshAsync(organization, cancellationToken);
        var former = before.Find(request.Name);
        if (former is not null && !await IsForgettableAsync(former, cancellationToken))
        {
            throw NameTaken(former);
        }

        var configuration = Configure(provider, organization, request);
        var blobs = connections.Open(organization, request.Name, provider.Kind, configuration.Settings, configuration.Credentials);
        BackendChanges.Demand(await probe.RunAsync(blobs, prepare: true, cancellationToken));

        var backend = await StoreAsync(organization, request, provider.Kind, configuration, maxBytes, former, cancellationToken);
        var details = BackendAudit.Details(("provider", backend.Provider), ("location", backend.Location));
        await audit.RecordAsync(caller.Identity, backend, AuditActions.BackendCreated, details, cancellationToken);
        if (request.Default == true || request.Fallback == true)
        {
            var selection = new BackendChange { Default = request.Default, Fallback = request.Fallback };
            await changes.SelectAsync(caller, backend, selection, proven: true, cancellationToken);
        }

        return backend;
    }

    private static BackendConfiguration Configure(IBlobProvider provider, string organization, NewBackend request)
    {
        try
        {
            return provider.Configure(organization, request.Settings, request.Credentials);
        }
        catch (BackendSettingsException failure)
        {
            throw Problems.InvalidRequest(failure.Field, failure.Message);
        }
    }

    private static ProblemException NameTaken(Backend former) =>
        new(409, "name-taken", "The name is taken", $"The organization has a backend named '{former.Name}' already.")
        {
            Hint = former.ArchivedAt is null
                ? "Choose another name, or change that backend: PATCH /v1/backends/{name}."
                : "It is archived and still holds artifacts. Choose another name, or purge it: DELETE /v1/backends/{name}?purge=true.",
        };

    /// <summary>True when a name is left over from a backend that was deleted and holds nothing.</summary>
    private async Task<bool> IsForgettableAsync(Backend former, CancellationToken cancellationToken) =>
        former.DeletedAt is not null && await index.CountAsync(former.Organization, former.Name, 1, cancellationToken) == 0;

    /// <summary>Writes the secret first: a secret without a row is invisible, a row without its secret would be broken.</summary>
    private async Task<Backend> StoreAsync(
        string organization,
        NewBackend request,
        string provider,
        BackendConfiguration configuration,
        long maxBytes,
        Backend? former,
        CancellationToken cancellationToken)
    {
        string? secretName = null;
        string? secretVersion = null;
        if (configuration.Credentials is { } credentials)
        {
            secretName = SecretName.Create(organization, request.Name);
            secretVersion = await secrets.WriteAsync(secretName, credentials, cancellationToken);
        }

        var now = time.GetUtcNow();
        var backend = new Backend
        {
            Organization = organization,
            Name = request.Name,
            Provider = provider,
            Location = configuration.Location,
            Settings = configuration.Settings,
            SecretName = secretName,
            SecretVersion = secretVersion,
            Description = request.Description ?? "",
            MaxBytes = maxBytes,
            StatusSince = now,
            CheckedAt = now,
            CreatedAt = now,
            ETag = former?.ETag ?? default,
        };
        var stored = former is null
            ? await store.TryAddAsync(backend, cancellationToken)
            : await store.TryChangeAsync(backend, cancellationToken) is not null;

        // A write whose answer was lost was done, and its repeat refused.
        stored = stored
            || (await store.FindAsync(organization, request.Name, cancellationToken) is { } found
                && found.SecretName == secretName && found.CreatedAt == now);
        if ((stored ? former?.SecretName : secretName) is { } unused)
        {
            await secrets.DeleteAsync(unused, cancellationToken);
        }

        return stored ? backend : throw NameTaken(backend);
    }
}
