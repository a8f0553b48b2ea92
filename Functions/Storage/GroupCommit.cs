using Azure;
using Azure.Data.Tables;

namespace CasFunctions.Storage;

/// <summary>
/// Writes rows that many requests have for the same partition in common transactions (group commit): a row whose partition nobody writes
/// goes at once, and those that come meanwhile go together after it. Each caller waits until its own row is stored.
/// </summary>
public sealed class GroupCommit(AppStorage storage)
{
    /// <summary>The most rows of one transaction, a limit of Table Storage.</summary>
    private const int MaxRows = 100;

    private readonly Dictionary<(string Table, string Partition), Queue<WaitingRow>> _waiting = [];
    private readonly Lock _lock = new();

    /// <summary>Writes a row, replacing one with its key. When the call ends early the row may still be written.</summary>
    /// <param name="table">The table's name without the prefix.</param>
    /// <param name="row">The row.</param>
    /// <param name="isNew">Whether no row with its key is expected, which makes it cheaper for the tables. Wrong guesses do no harm.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RequestFailedException">The row was not stored, or that is not known.</exception>
    public Task UpsertAsync(string table, TableEntity row, bool isNew, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        var waiting = new WaitingRow(row, isNew, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var key = (table, row.PartitionKey);
        var isFirst = false;
        lock (_lock)
        {
            if (!_waiting.TryGetValue(key, out var queue))
            {
                queue = _waiting[key] = [];
                isFirst = true;
            }

            queue.Enqueue(waiting);
        }

        if (isFirst)
        {
            // What is written belongs to many requests, so to the trace of none.
            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(() => WriteAllAsync(table, row.PartitionKey), CancellationToken.None);
            }
        }

        return waiting.Written.Task.WaitAsync(cancellationToken);
    }

    private async Task WriteAllAsync(string table, string partition)
    {
        while (TakeGroup((table, partition)) is { Count: > 0 } group)
        {
            try
            {
                var client = await storage.OpenAsync(table);
                await WriteAsync(client, group);
            }
            catch (Exception failure)
            {
                foreach (var row in group)
                {
                    row.Fail(failure);
                }
            }
        }
    }

    /// <summary>Takes what waits; with nothing left the partition's queue is removed, and the next row begins anew.</summary>
    private List<WaitingRow> TakeGroup((string Table, string Partition) key)
    {
        var group = new List<WaitingRow>();
        lock (_lock)
        {
            var queue = _waiting[key];
            var keys = new HashSet<string>(StringComparer.Ordinal);
            while (group.Count < MaxRows && queue.TryPeek(out var next) && keys.Add(next.Row.RowKey))
            {
                // A transaction may not name a row twice: the second one waits for the next.
                group.Add(queue.Dequeue());
            }

            if (group.Count == 0)
            {
                _waiting.Remove(key);
            }
        }

        return group;
    }

    private static async Task WriteAsync(TableClient table, List<WaitingRow> group)
    {
        if (group.Count > 1)
        {
            try
            {
                await table.SubmitTransactionAsync(
                    group.Select(row => new TableTransactionAction(
                        row.IsNew ? TableTransactionActionType.Add : TableTransactionActionType.UpsertReplace, row.Row)),
                    CancellationToken.None);
                group.ForEach(row => row.Written.SetResult());
                return;
            }
            catch (RequestFailedException failure) when (!AppStorage.IsUnavailable(failure))
            {
                // A row that the service refuses, or that is there already, must not take the others with it.
            }
        }

        foreach (var row in group)
        {
            try
            {
                if (!row.IsNew || await table.TryAddAsync(row.Row, CancellationToken.None) is null)
                {
                    await table.UpsertEntityAsync(row.Row, TableUpdateMode.Replace, CancellationToken.None);
                }

                row.Written.SetResult();
            }
            catch (RequestFailedException failure)
            {
                row.Fail(failure);
            }
        }
    }

    /// <summary>A row and whoever waits for it.</summary>
    private sealed record WaitingRow(TableEntity Row, bool IsNew, TaskCompletionSource Written)
    {
        /// <summary>Tells the failure, unless the row was written before.</summary>
        public void Fail(Exception failure) => Written.TrySetException(failure);
    }
}
