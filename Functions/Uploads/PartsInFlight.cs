using CasFunctions.Providers;

namespace CasFunctions.Uploads;

/// <summary>
/// An upload in parts and those of its parts that are on their way to the store, a few at a time. Parts are owned from the moment they are
/// given, but for the first.
/// </summary>
/// <param name="upload">The upload; disposed of with this.</param>
/// <param name="memory">Tells when memory is short.</param>
/// <param name="earlier">The tags of the parts that earlier requests sent.</param>
/// <param name="cancellationToken">Stops what is on its way.</param>
public sealed class PartsInFlight(
    IBlobUpload upload, UploadMemory memory, IReadOnlyList<string> earlier, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly Queue<Task<string>> _flying = new();
    private readonly List<string> _tags = [.. earlier];
    private int _sent = earlier.Count;

    /// <summary>The upload; disposed of with this.</summary>
    public IBlobUpload Upload { get; } = upload;

    /// <summary>The tags of the parts that the store is known to have, in order.</summary>
    public IReadOnlyList<string> Tags => _tags;

    /// <summary>Sends the first part and waits for the store to take it. The part stays the caller's.</summary>
    public async Task SendFirstAsync(PartBuffer part)
    {
        ArgumentNullException.ThrowIfNull(part);
        _tags.Add(await Upload.WritePartAsync(++_sent, part.AsSequence(), _cancel.Token));
    }

    /// <summary>Sends a part, first waiting for earlier ones when enough are on their way. An empty part is dropped.</summary>
    public async Task SendAsync(PartBuffer part)
    {
        ArgumentNullException.ThrowIfNull(part);
        if (part.Length == 0)
        {
            part.Dispose();
            return;
        }

        try
        {
            while (_flying.Count >= (memory.IsShort ? 1 : Upload.MaxPartsInFlight))
            {
                await SettleOldestAsync();
            }
        }
        catch
        {
            part.Dispose();
            throw;
        }

        _flying.Enqueue(FlyAsync(++_sent, part));
    }

    /// <summary>Frees memory by waiting for the oldest part; false when none is on its way.</summary>
    public async ValueTask<bool> ReclaimAsync()
    {
        if (_flying.Count == 0)
        {
            return false;
        }

        await SettleOldestAsync();
        return true;
    }

    /// <summary>Waits for all parts.</summary>
    /// <returns>The tags of all parts in order.</returns>
    public async Task<IReadOnlyList<string>> FinishAsync()
    {
        while (_flying.Count > 0)
        {
            await SettleOldestAsync();
        }

        return _tags;
    }

    /// <summary>Stops what is on its way and drops what the store has.</summary>
    public async Task AbortAsync(CancellationToken abortToken)
    {
        await StopAsync();
        await Upload.AbortAsync(abortToken);
    }

    /// <summary>Stops what is on its way, waits until no part's memory is in use any more, and closes the upload.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Upload.DisposeAsync();
        _cancel.Dispose();
    }

    private async Task StopAsync()
    {
        if (_flying.Count > 0)
        {
            await _cancel.CancelAsync();
            await Task.WhenAll(_flying)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _flying.Clear();
        }
    }

    private async Task SettleOldestAsync() => _tags.Add(await _flying.Dequeue());

    private async Task<string> FlyAsync(int number, PartBuffer part)
    {
        using (part)
        {
            return await Upload.WritePartAsync(number, part.AsSequence(), _cancel.Token);
        }
    }
}
