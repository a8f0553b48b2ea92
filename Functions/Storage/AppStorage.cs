using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Microsoft.Extensions.Options;

namespace CasFunctions.Storage;

/// <summary>The app's own tables. Each is created at its first use.</summary>
public sealed class AppStorage
{
    private readonly TableServiceClient _tables;
    private readonly string _prefix;
    private readonly ConcurrentDictionary<string, Task<TableClient>> _open = new(StringComparer.Ordinal);

    /// <summary>Connects; makes no call yet.</summary>
    /// <exception cref="InvalidOperationException">The settings name no storage.</exception>
    public AppStorage(IOptions<StorageOptions> options)
    {
        var settings = options.Value;
        _prefix = settings.TablePrefix;
        var clientOptions = new TableClientOptions
        {
            Retry = { MaxRetries = 4, Delay = TimeSpan.FromMilliseconds(100), MaxDelay = TimeSpan.FromSeconds(2), NetworkTimeout = TimeSpan.FromSeconds(10) },
        };
        _tables = settings switch
        {
            { ConnectionString: { Length: > 0 } connection } => new TableServiceClient(connection, clientOptions),
            { TableServiceUri: { } address } => new TableServiceClient(address, Identity(settings), clientOptions),
            _ => throw new InvalidOperationException("Set Cas:Storage:ConnectionString, or Cas:Storage:TableServiceUri for an identity."),
        };
    }

    /// <summary>Opens a table, creating it when it doesn't exist.</summary>
    /// <param name="name">The name without the prefix.</param>
    public async ValueTask<TableClient> OpenAsync(string name)
    {
        var opening = _open.GetOrAdd(name, CreateAsync);
        try
        {
            return await opening;
        }
        catch
        {
            // A failure is not kept: the next call tries again.
            _open.TryRemove(KeyValuePair.Create(name, opening));
            throw;
        }
    }

    /// <summary>True when the tables answer.</summary>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        try
        {
            var table = await OpenAsync("Organizations");
            await table.GetEntityIfExistsAsync<TableEntity>("-", "-", cancellationToken: cancellationToken);
            return true;
        }
        catch (Exception failure) when (IsUnavailable(failure))
        {
            return false;
        }
    }

    /// <summary>True when a failure means that the app's own storage can't be reached or is overloaded.</summary>
    /// <remarks>After several tries the client throws an <see cref="AggregateException"/> of all their failures, time-outs included.</remarks>
    public static bool IsUnavailable(Exception failure) => failure switch
    {
        RequestFailedException answer => answer.Status is 0 or 408 or 429 or >= 500,
        AggregateException tries => tries.InnerExceptions.Any(inner => inner is OperationCanceledException || IsUnavailable(inner)),
        _ => false,
    };

    private static TokenCredential Identity(StorageOptions settings) =>
        settings.ManagedIdentityClientId is { Length: > 0 } id
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(id))
            : new DefaultAzureCredential();

    private async Task<TableClient> CreateAsync(string name)
    {
        var table = _tables.GetTableClient(_prefix + name);
        await table.CreateIfNotExistsAsync();
        return table;
    }
}
