using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Providers.Inline;
using CasFunctions.Secrets;

namespace CasFunctions.Backends;

/// <summary>What owners do with their backends.</summary>
public sealed class BackendService(BackendStore store, BackendConnections connections, ISecretStore secrets, TimeProvider time)
{
    /// <summary>Largest content of a backend unless its owner says otherwise: 100 MiB.</summary>
    public const long DefaultMaxBytes = 100L * 1024 * 1024;

    /// <summary>The most that an owner can allow: 64 GiB.</summary>
    public const long HighestMaxBytes = 64L * 1024 * 1024 * 1024;

    /// <summary>The name of the backend that every organization has.</summary>
    public const string InlineName = "inline";

    private const int MaxDescription = 1_000;

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
        await store.SelectAsync(organization, current => (current.Default ?? InlineName, current.Fallback), cancellationToken);
    }

    /// <summary>Adds a backend after proving that it works. A failed proof stores nothing.</summary>
    /// <exception cref="ProblemException">The request is not valid, the name is taken, or the backend doesn't work.</exception>
    public async Task<Backend> AddAsync(string organization, NewBackend request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!DnsLabel.IsValid(request.Name))
        {
            throw Problems.InvalidRequest("name", "A backend's name is a DNS label: 1 to 63 lowercase letters, digits and hyphens.");
        }

        if (connections.FindProvider(request.Provider) is not { } provider)
        {
            throw Problems.InvalidRequest("provider", $"The provider must be one of: {string.Join(", ", connections.Kinds.Order(StringComparer.Ordinal))}.");
        }

        CheckDescription(request.Description);
        var maxBytes = request.MaxBytes ?? DefaultMaxBytes;
        if (maxBytes is <= 0 or > HighestMaxBytes)
        {
            throw Problems.InvalidRequest("maxBytes", "The largest content is between 1 byte and 64 GiB (68719476736).");
        }

        var before = await store.ReadFreshAsync(organization, cancellationToken);
        if (before.Find(request.Name) is not null)
        {
            throw NameTaken(request.Name);
        }

        var configuration = Configure(provider, organization, request);
        await ProveAsync(connections.Open(organization, request.Name, provider.Kind, configuration.Settings, configuration.Credentials), cancellationToken);

        var backend = await StoreAsync(organization, request, provider.Kind, configuration, maxBytes, cancellationToken);
        if (request.Default == true)
        {
            await SetDefaultAsync(organization, backend.Name, cancellationToken);
        }

        return backend;
    }

    /// <summary>Makes a backend the default.</summary>
    /// <exception cref="ProblemException">There is no such backend, or it can't be the default now.</exception>
    public async Task SetDefaultAsync(string organization, string name, CancellationToken cancellationToken)
    {
        var set = await store.ReadFreshAsync(organization, cancellationToken);
        var backend = set.Find(name) ?? throw Problems.NotFound("backend");
        if (!backend.TakesUploads)
        {
            throw new ProblemException(409, "backend-unusable", "The backend can't be used", $"'{name}' can't become the default: {backend.StatusReason ?? "it is archived"}.");
        }

        await store.SelectAsync(organization, current => (name, current.Fallback == name ? null : current.Fallback), cancellationToken);
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

    private static async Task ProveAsync(IBlobStore blobs, CancellationToken cancellationToken)
    {
        try
        {
            await blobs.PrepareAsync(cancellationToken);
            await blobs.ProbeAsync(cancellationToken);
        }
        catch (ProviderException failure)
        {
            throw new ProblemException(422, "backend-check-failed", "The backend does not work", failure.Message)
            {
                Hint = "Nothing was stored. Correct the settings or the credentials and repeat the request.",
            };
        }
    }

    private static void CheckDescription(string? description)
    {
        if (description?.Length > MaxDescription)
        {
            throw Problems.InvalidRequest("description", "A description has at most 1,000 characters.");
        }
    }

    private static ProblemException NameTaken(string name) =>
        new(409, "name-taken", "The name is taken", $"The organization has a backend named '{name}' already.");

    /// <summary>Writes the secret first: a secret without a row is invisible, a row without its secret would be broken.</summary>
    private async Task<Backend> StoreAsync(
        string organization, NewBackend request, string provider, BackendConfiguration configuration, long maxBytes, CancellationToken cancellationToken)
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
        };
        if (await store.TryAddAsync(backend, cancellationToken))
        {
            return backend;
        }

        if (secretName is not null)
        {
            await secrets.DeleteAsync(secretName, cancellationToken);
        }

        throw NameTaken(request.Name);
    }
}
