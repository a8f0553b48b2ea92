using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Transfers;

/// <summary>
/// How long a transfer that doesn't get ahead goes on trying: with growing pauses, or those that the service asks for, until a span of time
/// has passed since the last progress.
/// </summary>
/// <param name="limit">That span of time.</param>
/// <param name="time">The clock.</param>
internal sealed class Patience(TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private long _progress = time.GetTimestamp();
    private TimeSpan _pause = FirstPause;

    /// <summary>Something got ahead.</summary>
    public void Progress()
    {
        _progress = time.GetTimestamp();
        _pause = FirstPause;
    }

    /// <summary>True for failures that may pass by themselves: of the network, or of the service by its own word.</summary>
    public static bool IsPassing(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        ApiFailure answer => answer.MayPass,
        HttpRequestException { InnerException: Commands.CliFailure } => false,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        HttpRequestException or IOException or TimeoutException => true,
        _ => false,
    };

    /// <summary>Waits before the next try. False when it is time to give up.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> WaitAsync(Exception failure, CancellationToken cancellationToken)
    {
        var pause = (failure as ApiFailure)?.RetryAfter ?? _pause;
        if (time.GetElapsedTime(_progress) + pause > limit)
        {
            return false;
        }

        // Spread, so that many clients that were cut off together don't come back together.
        await Task.Delay(pause * (0.75 + (Random.Shared.NextDouble() / 2)), time, cancellationToken);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        return true;
    }
}
