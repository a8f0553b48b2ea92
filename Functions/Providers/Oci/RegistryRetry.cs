using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace CasFunctions.Providers.Oci;

/// <summary>Repeats calls that may pass by themselves, within a budget of time and with the pauses that the registry asks for.</summary>
internal sealed class RegistryRetry
{
    private static readonly ResiliencePropertyKey<long> Begin = new("begin");

    private readonly TimeProvider _time;
    private readonly TimeSpan _budget;
    private readonly ResiliencePipeline _pipeline;

    /// <summary>Makes a policy.</summary>
    /// <param name="time">Clock of the pauses.</param>
    /// <param name="budget">All tries and pauses of one call together.</param>
    public RegistryRetry(TimeProvider time, TimeSpan budget)
    {
        _time = time;
        _budget = budget;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(budget)
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = ProviderRetry.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = ProviderRetry.BaseDelay,
                MaxDelay = ProviderRetry.MaxDelay,
                ShouldHandle = args => ValueTask.FromResult(Passes(args.Outcome.Exception, args.Context)),
                DelayGenerator = args => ValueTask.FromResult((args.Outcome.Exception as ProviderException)?.RetryAfter),
            })
            .Build();
    }

    /// <summary>
    /// Runs a call that may be repeated.
    /// </summary>
    /// <exception cref="ProviderException">What the last try threw, or that the budget is spent.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Begin, _time.GetTimestamp());
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (inner, todo) => await todo(inner.CancellationToken), context, call);
        }
        catch (TimeoutRejectedException e)
        {
            throw new ProviderException(ProviderErrorKind.Unreachable, "The registry does not get done in time.", e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>True for a failure that may be gone at the next try, when what is left of the budget allows one.</summary>
    private bool Passes(Exception? failure, ResilienceContext context) =>
        failure is ProviderException { Kind: ProviderErrorKind.Unreachable or ProviderErrorKind.Unavailable } transient
        && (transient.RetryAfter ?? TimeSpan.Zero) < _budget - _time.GetElapsedTime(context.Properties.GetValue(Begin, 0L));
}
