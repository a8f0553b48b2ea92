namespace CasFunctions.Providers;

/// <summary>How long and how often every store repeats a call that may pass by itself.</summary>
public static class ProviderRetry
{
    /// <summary>Repeats after the first try.</summary>
    public const int MaxRetries = 3;

    /// <summary>Pause before the first repeat; it doubles, with jitter.</summary>
    public static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause between two tries.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// All tries of one call together. Far below the 230 s after which Azure's load balancer drops a request.
    /// </summary>
    public static readonly TimeSpan TotalBudget = TimeSpan.FromSeconds(60);

    /// <summary>How long one try may go without an answer.</summary>
    public static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(30);
}
