namespace CasFunctions.Tests.Services;

/// <summary>Waits for what happens soon but at no known moment.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What is asked again and again; an exception of it ends the wait.</param>
    /// <param name="deadline">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">The condition did not hold before the deadline.</exception>
    public static async Task TrueAsync(
        Func<CancellationToken, Task<bool>> condition, TimeSpan deadline, CancellationToken cancellationToken = default)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        while (!await condition(cancellationToken))
        {
            if (clock.GetElapsedTime(start) > deadline)
            {
                throw new TimeoutException($"The condition did not hold within {deadline.TotalSeconds} s.");
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }
}
