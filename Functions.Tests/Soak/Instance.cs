using CasFunctions.Tests.Http;

namespace CasFunctions.Tests.Soak;

/// <summary>An instance of the service, and when it was last killed.</summary>
/// <param name="number">Its number, from 0.</param>
/// <param name="process">Its process.</param>
/// <param name="time">Tells when.</param>
internal sealed class Instance(int number, CasProcess process, TimeProvider time)
{
    /// <summary>So long after its start connections of before may still turn out to be dead.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(10);

    private long _upSince = time.GetTimestamp();
    private int _isDown;

    /// <summary>Its number, from 0.</summary>
    public int Number => number;

    /// <summary>Where it listens.</summary>
    public Uri Address => process.Address;

    /// <summary>Its process.</summary>
    public CasProcess Process => process;

    /// <summary>Kills it, waits, and starts it again.</summary>
    public async Task RestartAsync(TimeSpan away)
    {
        Interlocked.Exchange(ref _isDown, 1);
        await process.KillAsync();
        await Task.Delay(away, time);
        await process.StartAsync();
        Interlocked.Exchange(ref _upSince, time.GetTimestamp());
        Interlocked.Exchange(ref _isDown, 0);
    }

    /// <summary>Whether a connection that was used since then may have broken because it was killed.</summary>
    /// <param name="timestamp">When the request began.</param>
    public bool WasKilledSince(long timestamp) =>
        Volatile.Read(ref _isDown) == 1 || time.GetElapsedTime(Interlocked.Read(ref _upSince), timestamp) < Aftermath;
}
