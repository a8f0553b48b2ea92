using System.Collections.Concurrent;

namespace CasFunctions.Uploads.Appends;

/// <summary>
/// The appends that run in this process, so that a new request on a session can have the one before it stop at once and keep what it got.
/// Appends of other instances are fenced off by the session's epoch alone.
/// </summary>
public sealed class RunningAppends
{
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);

    /// <summary>Registers an append until it is disposed of.</summary>
    /// <param name="idHash">The session.</param>
    public Running Begin(string idHash) => _running[idHash] = new Running(this, idHash);

    /// <summary>Has the append of a session stop, and waits until it has kept what it got.</summary>
    /// <param name="idHash">The session.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task StopAsync(string idHash, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        if (_running.TryGetValue(idHash, out var running))
        {
            await running.StopAsync(patience, time, cancellationToken);
        }
    }

    private void Remove(string idHash, Running running) => _running.TryRemove(KeyValuePair.Create(idHash, running));

    /// <summary>An append that runs.</summary>
    public sealed class Running : IDisposable
    {
        private readonly RunningAppends _owner;
        private readonly string _idHash;
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Running(RunningAppends owner, string idHash)
        {
            _owner = owner;
            _idHash = idHash;
        }

        /// <summary>Cancelled when another request wants the session.</summary>
        public CancellationToken Stop => _stop.Token;

        /// <inheritdoc/>
        public void Dispose()
        {
            _owner.Remove(_idHash, this);
            _ended.TrySetResult();
        }

        internal async Task StopAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
        {
            await _stop.CancelAsync();
            await Task.WhenAny(_ended.Task, Task.Delay(patience, time, cancellationToken));
        }
    }
}
