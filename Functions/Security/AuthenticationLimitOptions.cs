using System.ComponentModel.DataAnnotations;

namespace CasFunctions.Security;

/// <summary>
/// How many failed authentications an instance lets pass, section <c>Cas:AuthenticationLimits</c>. Each limit is a bucket that holds so
/// many failures and refills evenly within <see cref="Window"/>.
/// </summary>
public sealed class AuthenticationLimitOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:AuthenticationLimits";

    /// <summary>
    /// Failures of the same token, after which it is refused without a look-up: a pipeline that goes on and on with a wrong token.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int FailuresPerToken { get; init; } = 10;

    /// <summary>
    /// Failures of a client network, after which it is told to wait. Its good tokens still get in.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int FailuresPerNetwork { get; init; } = 60;

    /// <summary>
    /// Failures of a client network that took a look-up, after which tokens that this instance has not let in before are refused to it
    /// without one.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int LookUpsPerNetwork { get; init; } = 600;

    /// <summary>
    /// Wrong root keys of a client network, after which none is compared any more, the right one neither: people choose it, so that it may
    /// be weaker than a token.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int RootKeysPerNetwork { get; init; } = 10;

    /// <summary>The time in which a spent limit refills.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Which entry of X-Forwarded-For is the client, counted from the end: 1 for the last, which Azure's front end writes; one more for
    /// each proxy of the operator's before it; 0 to go by the connection alone, where nothing stands before the service.
    /// </summary>
    [Range(0, 10)]
    public int ForwardedHops { get; init; } = 1;
}
