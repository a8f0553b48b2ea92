using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Security;

/// <summary>
/// Limits what failed authentications cost. Only failures count, and good tokens get in whatever their neighbours do: a limit is looked at
/// when a token has turned out wrong, and before a look-up only to refuse tokens that failed just now or come from a network that sends
/// wrong ones by the hundred. Each instance counts for itself.
/// </summary>
/// <remarks>
/// Networks share a fixed number of buckets by their hash, under a key of this process, so that memory is bounded however many come. Two
/// that share one share its failures, which costs a good token nothing. Each token has a bucket of its own, since a full one would lock it
/// out; there are as many as failed look-ups within seconds, since what is full again is dropped.
/// </remarks>
public sealed partial class AuthenticationLimits : IDisposable
{
    private const int Buckets = 1 << 14;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(16);
    private readonly AuthenticationLimitOptions _options;
    private readonly PartitionedRateLimiter<Count> _limiter;
    private readonly ILogger<AuthenticationLimits> _logger;

    /// <summary>Makes the limits; all are unspent.</summary>
    public AuthenticationLimits(IOptions<AuthenticationLimitOptions> options, ILogger<AuthenticationLimits> logger)
    {
        _options = options.Value;
        _logger = logger;
        _limiter = PartitionedRateLimiter.Create<Count, Count>(
            count => RateLimitPartition.GetTokenBucketLimiter(count, _ => BucketOf(count.Limit)));
    }

    /// <summary>The network of a request, to be given to the other methods.</summary>
    public IPNetwork NetworkOf(HttpRequest request) => ClientNetwork.Of(request, _options.ForwardedHops);

    /// <summary>Refuses a token that is not worth a look-up.</summary>
    /// <param name="network">Where it comes from.</param>
    /// <param name="token">The token.</param>
    /// <param name="wasGood">True when this instance has let it in before: then its neighbours' failures don't matter.</param>
    /// <exception cref="ProblemException">429.</exception>
    public void DemandLookUp(IPNetwork network, string token, bool wasGood)
    {
        Demand(CountOf(AuthenticationLimit.Token, token));
        if (!wasGood)
        {
            Demand(CountOf(AuthenticationLimit.LookUp, network.ToString()));
        }
    }

    /// <summary>Refuses to compare root keys.</summary>
    /// <exception cref="ProblemException">429.</exception>
    public void DemandRootKey(IPNetwork network) => Demand(CountOf(AuthenticationLimit.RootKey, network.ToString()));

    /// <summary>Counts a failure.</summary>
    /// <param name="network">Where it comes from.</param>
    /// <param name="lookedUp">The token, when it took a look-up to find it wrong.</param>
    /// <param name="isRootKey">True when it was presented as root key.</param>
    /// <param name="refusal">What to answer within the limits.</param>
    /// <returns>What to answer: 429 when the network's limit is spent, <paramref name="refusal"/> otherwise.</returns>
    public ProblemException Fail(IPNetwork network, string? lookedUp, bool isRootKey, ProblemException refusal)
    {
        var from = network.ToString();
        if (lookedUp is not null)
        {
            Take(CountOf(AuthenticationLimit.Token, lookedUp)).Dispose();
            Take(CountOf(AuthenticationLimit.LookUp, from)).Dispose();
        }

        if (isRootKey)
        {
            Take(CountOf(AuthenticationLimit.RootKey, from)).Dispose();
        }

        using var lease = Take(CountOf(AuthenticationLimit.Network, from));
        return lease.IsAcquired ? refusal : Refuse(AuthenticationLimit.Network, lease);
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    private void Demand(Count count)
    {
        // No permit is taken while there are any: only failures take them. (To acquire none succeeds with a fraction of one.)
        if (_limiter.GetStatistics(count) is { CurrentAvailablePermits: > 0 })
        {
            return;
        }

        using var lease = Take(count);
        if (!lease.IsAcquired)
        {
            throw Refuse(count.Limit, lease);
        }
    }

    private RateLimitLease Take(Count count) => _limiter.AttemptAcquire(count);

    private ProblemException Refuse(AuthenticationLimit limit, RateLimitLease lease)
    {
        LogRefused(_logger, limit);
        return new ProblemException(
            429, "too-many-failures", "Too many failed authentications", "Too many calls with wrong credentials came from here.")
        {
            RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var pause) ? pause : _options.Window,
            Hint = "Check the token, and repeat the request after the time in Retry-After.",
        };
    }

    private Count CountOf(AuthenticationLimit limit, string what)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(what), hash);
        var bucket = BitConverter.ToInt64(hash);
        return new Count(limit, limit == AuthenticationLimit.Token ? bucket : bucket & (Buckets - 1));
    }

    private TokenBucketRateLimiterOptions BucketOf(AuthenticationLimit limit)
    {
        var size = limit switch
        {
            AuthenticationLimit.Token => _options.FailuresPerToken,
            AuthenticationLimit.LookUp => _options.LookUpsPerNetwork,
            AuthenticationLimit.RootKey => _options.RootKeysPerNetwork,
            _ => _options.FailuresPerNetwork,
        };
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = size,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromTicks(Math.Max(1, _options.Window.Ticks / size)),
            QueueLimit = 0,
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A call was refused after too many failed authentications, limit {Limit}")]
    private static partial void LogRefused(ILogger logger, AuthenticationLimit limit);

    private readonly record struct Count(AuthenticationLimit Limit, long Bucket);
}

/// <summary>What failures are counted by.</summary>
public enum AuthenticationLimit
{
    /// <summary>The network that they come from.</summary>
    Network,

    /// <summary>The token that was wrong.</summary>
    Token,

    /// <summary>The network again, for those that took a look-up.</summary>
    LookUp,

    /// <summary>The network again, for wrong root keys.</summary>
    RootKey,
}
