using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace CasFunctions.Providers.S3;

/// <summary>What a call is for; chooses the words for a refusal.</summary>
internal enum S3Operation
{
    /// <summary>Reads an object or what is known of it: s3:GetObject.</summary>
    Read,

    /// <summary>Stores an object or a part of it: s3:PutObject.</summary>
    Write,

    /// <summary>Lists the bucket: s3:ListBucket.</summary>
    List,

    /// <summary>Drops an upload's parts: s3:AbortMultipartUpload.</summary>
    Abort,
}

/// <summary>
/// Runs calls within <see cref="ProviderRetry"/>'s budget, repeats what may pass by itself, and turns every failure into a
/// <see cref="ProviderException"/>.
/// </summary>
internal sealed class S3Calls
{
    private readonly ResiliencePipeline _pipeline;

    public S3Calls(TimeProvider time)
    {
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(ProviderRetry.TotalBudget)
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder()
                    .Handle<ProviderException>(e => e.Kind is ProviderErrorKind.Unreachable or ProviderErrorKind.Unavailable)
                    .Handle<TimeoutRejectedException>(),
                MaxRetryAttempts = ProviderRetry.MaxRetries,
                Delay = ProviderRetry.BaseDelay,
                MaxDelay = ProviderRetry.MaxDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddTimeout(ProviderRetry.TryTimeout)
            .Build();
    }

    /// <summary>Runs <paramref name="call"/> until it succeeds or may not be repeated any more.</summary>
    /// <exception cref="ProviderException">Why it failed.</exception>
    public async Task<T> RunAsync<T>(S3Operation operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(
                static (state, token) => new ValueTask<T>(TryAsync(state.operation, state.call, token)),
                (operation, call),
                cancellationToken);
        }
        catch (TimeoutRejectedException e)
        {
            throw S3Failures.NoAnswer(e);
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(S3Operation operation, Func<CancellationToken, Task> call, CancellationToken cancellationToken) =>
        RunAsync(
            operation,
            async token =>
            {
                await call(token);
                return true;
            },
            cancellationToken);

    private static async Task<T> TryAsync<T>(
        S3Operation operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(cancellationToken);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            // The SDK reports a cancelled request in several ways; the pipeline and the caller know this one.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e) when (e is not ProviderException)
        {
            throw S3Failures.Translate(e, operation);
        }
    }
}
