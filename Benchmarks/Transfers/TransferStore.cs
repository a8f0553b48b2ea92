using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Measuring;

namespace CasFunctions.Benchmarks.Transfers;

/// <summary>A way to send to a store or to read from it without the service.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Job">Makes the job for a content.</param>
internal sealed record DirectClient(string Name, Func<BulkContent, Task<ClientJob>> Job);

/// <summary>A store behind the service, and the clients that people use for it directly.</summary>
internal abstract class TransferStore : IAsyncDisposable
{
    /// <summary>Its name in the report.</summary>
    public abstract string Name { get; }

    /// <summary>The ports that the service has to reach.</summary>
    public abstract IReadOnlyList<int> Ports { get; }

    /// <summary>The largest content that it has room for, in bytes.</summary>
    public virtual long MaxSize => long.MaxValue;

    /// <summary>Its processes.</summary>
    public abstract ProcessGroup Group { get; }

    /// <summary>Clients that store a content, each where it disturbs nobody.</summary>
    public abstract IReadOnlyList<DirectClient> Uploads { get; }

    /// <summary>Clients that fetch the content that the service has stored in the newest backend.</summary>
    public abstract IReadOnlyList<DirectClient> Downloads { get; }

    /// <summary>A new backend on this store, as the API takes it.</summary>
    public abstract object NewBackend();

    /// <summary>Takes all content out of the store and makes its room free again, without the service.</summary>
    public abstract Task ClearAsync(BulkContent content, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
