using CasFunctions.Providers;

namespace CasFunctions.Uploads;

/// <summary>
/// The parts of one upload that are on their way to the store, a few at a time. Parts are owned from the moment they are given.
/// </summary>
public sealed class PartsInFlight(IBlobUpload upload, UploadMemory memory, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly Queue<Task<string>> _flying = new();
    private readonly List<string> _tags = [];
    private int _sent;

    /// <summary>Sends a part, first waiting for earlier ones when enough are on their way.</summary>
    public async Task SendAsync(PartBuffer part)
    {
        ArgumentNullException.ThrowIfNull(part);
        try
        {
            while (_flying.Count >= (memory.IsShort ? 1 : upload.MaxPartsInFlight))
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

    /// <summary>Stops what is on its way, and waits until no part's memory is in use any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_flying.Count > 0)
        {
            await _cancel.CancelAsync();
            await Task.WhenAll(_flying).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        _cancel.Dispose();
    }

    private async Task SettleOldestAsync() => _tags.Add(await _flying.Dequeue());

    private async Task<string> FlyAsync(int number, PartBuffer part)
    {
        using (part)
        {
            return await upload.WritePartAsync(number, part.AsSequence(), _cancel.Token);
        }
    }
}
