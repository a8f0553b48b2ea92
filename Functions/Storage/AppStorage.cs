using System.Collections.Concurrent;
using System.Collections.Frozen;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;

namespace CasFunctions.Storage;

/// <summary>The app's own tables and blob containers. Each is created at its first use.</summary>
public sealed class AppStorage : IDisposable
{
    /// <summary>The container for staged content, see <see cref="OpenContainerAsync"/>.</summary>
    public const string StagingContainer = "staging";

    /// <summary>
    /// The SDK's own limit is 50, fewer than the requests that an instance serves at once, and a call that waits for a connection counts as
    /// one that waits for its answer: it would be given up and repeated, behind all others.
    /// </summary>
    private const int MaxConnections = 512;

    /// <summary>Sorts after all characters that a table's name can have.</summary>
    private const char AfterLetters = '{';

#pragma warning disable RS0030 // The address is the operator's, not a tenant's.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = MaxConnections,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
#pragma warning restore RS0030

    private readonly HttpClientTransport _transport;
    private readonly TableServiceClient _tables;
    private readonly BlobServiceClient? _blobs;
    private readonly string _prefix;
    private readonly ConcurrentDictionary<string, Task<TableClient>> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task<BlobContainerClient>> _openContainers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task<FrozenSet<string>>> _existing = new(StringComparer.Ordinal);

    /// <summary>Connects; makes no call yet.</summary>
    /// <exception cref="InvalidOperationException">The settings name no storage.</exception>
    public AppStorage(IOptions<StorageOptions> options)
    {
        var settings = options.Value;
        _prefix = settings.TablePrefix;
        _transport = new HttpClientTransport(_http);
        var clientOptions = new TableClientOptions
        {
            Transport = _transport,
            Retry =
            {
                MaxRetries = 4,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(2),
                NetworkTimeout = TimeSpan.FromSeconds(10),
            },
        };
        _tables = settings switch
        {
            { ConnectionString: { Length: > 0 } connection } => new TableServiceClient(connection, clientOptions),
            { TableServiceUri: { } address } => new TableServiceClient(address, Identity(settings), clientOptions),
            _ => throw new InvalidOperationException("Set Cas:Storage:ConnectionString, or Cas:Storage:TableServiceUri for an identity."),
        };
        var blobOptions = new BlobClientOptions
        {
            Transport = _transport,
            Retry =
            {
                MaxRetries = 4,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(2),
                NetworkTimeout = TimeSpan.FromSeconds(30),
            },
        };
        _blobs = settings switch
        {
            { ConnectionString: { Length: > 0 } connection } => new BlobServiceClient(connection, blobOptions),
            { BlobServiceUri: { } address } => new BlobServiceClient(address, Identity(settings), blobOptions),
            _ => null,
        };
    }

    /// <summary>Opens a table, creating it when it doesn't exist.</summary>
    /// <param name="name">The name without the prefix.</param>
    public ValueTask<TableClient> OpenAsync(string name) => OpenAsync(_open, name, CreateAsync);

    /// <summary>Opens a blob container, creating it when it doesn't exist.</summary>
    /// <param name="name">The name without the prefix, in lower case.</param>
    /// <exception cref="InvalidOperationException">The settings name no blob service.</exception>
    public ValueTask<BlobContainerClient> OpenContainerAsync(string name) => OpenAsync(_openContainers, name, CreateContainerAsync);

    /// <inheritdoc/>
    public void Dispose()
    {
        _transport.Dispose();
        _http.Dispose();
    }

    /// <summary>Succeeds when the tables answer.</summary>
    public async Task ProbeTablesAsync(CancellationToken cancellationToken)
    {
        var table = await OpenAsync("Organizations");
        await table.GetEntityIfExistsAsync<TableEntity>("-", "-", cancellationToken: cancellationToken);
    }

    /// <summary>Succeeds when the container for staged content answers.</summary>
    public async Task ProbeBlobsAsync(CancellationToken cancellationToken)
    {
        var container = await OpenContainerAsync(StagingContainer);
        await container.GetPropertiesAsync(cancellationToken: cancellationToken);
    }

    /// <summary>True when a failure means that the app's own storage can't be reached or is overloaded.</summary>
    /// <remarks>After several tries the client throws an <see cref="AggregateException"/> of all their failures, time-outs
    /// included.</remarks>
    public static bool IsUnavailable(Exception failure) => failure switch
    {
        RequestFailedException answer => answer.Status is 0 or 408 or 429 or >= 500,
        AggregateException tries => tries.InnerExceptions.Any(inner => inner is OperationCanceledException || IsUnavailable(inner)),
        _ => false,
    };

    private static async ValueTask<T> OpenAsync<T>(ConcurrentDictionary<string, Task<T>> open, string name, Func<string, Task<T>> create)
    {
        var opening = open.GetOrAdd(name, create);
        try
        {
            return await opening;
        }
        catch
        {
            // A failure is not kept: the next call tries again.
            open.TryRemove(KeyValuePair.Create(name, opening));
            throw;
        }
    }

    private static TokenCredential Identity(StorageOptions settings) =>
        settings.ManagedIdentityClientId is { Length: > 0 } id
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(id))
            : new DefaultAzureCredential();

    private async Task<TableClient> CreateAsync(string name)
    {
        var table = _tables.GetTableClient(_prefix + name);
        var existing = await OpenAsync(_existing, _prefix, ListAsync);
        if (!existing.Contains(table.Name))
        {
            await table.CreateIfNotExistsAsync();
        }

        return table;
    }

    /// <summary>The tables that exist already. One question for all of them costs less than a refused creation for each.</summary>
    private async Task<FrozenSet<string>> ListAsync(string prefix)
    {
        var names = new List<string>();
        var filter = $"TableName ge '{prefix}' and TableName lt '{prefix}{AfterLetters}'";
        await foreach (var table in _tables.QueryAsync(filter))
        {
            names.Add(table.Name);
        }

        return names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    private async Task<BlobContainerClient> CreateContainerAsync(string name)
    {
        var blobs = _blobs ?? throw new InvalidOperationException("Set Cas:Storage:BlobServiceUri besides Cas:Storage:TableServiceUri.");
        var container = blobs.GetBlobContainerClient($"{_prefix.ToLowerInvariant()}-{name}");

        // Asked first, as a refused creation costs an exception and the XML reader for its answer at every start.
        if (!await container.ExistsAsync())
        {
            await container.CreateIfNotExistsAsync();
        }

        return container;
    }
}
