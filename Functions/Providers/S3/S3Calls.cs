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

    /// <summary>Makes an upload's parts an object: s3:PutObject. It may take a store minutes.</summary>
    Complete,
}

/// <summary>
/// Runs calls within <see cref="ProviderRetry"/>'s budget, repeats what may pass by itself, and turns every failure into a
/// <see cref="ProviderException"/>.
/// </summary>
internal sealed class S3Calls
{
    /// <summary>How long making an object of an upload's parts may take a store.</summary>
    private static readonly TimeSpan CompletionTimeout = TimeSpan.FromSeconds(120);

    /// <summary>All tries of that together, below the 230 s of Azure's load balancer.</summary>
    private static readonly TimeSpan CompletionBudget = TimeSpan.FromSeconds(180);

    private readonly ResiliencePipeline _pipeline;
    private readonly ResiliencePipeline _completion;

    public S3Calls(TimeProvider time)
    {
        _pipeline = Build(time, ProviderRetry.TotalBudget, ProviderRetry.TryTimeout);
        _completion = Build(time, CompletionBudget, CompletionTimeout);
    }

    /// <summary>Runs <paramref name="call"/> until it succeeds or may not be repeated any more.</summary>
    /// <exception cref="ProviderException">Why it failed.</exception>
    public async Task<T> RunAsync<T>(S3Operation operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            var pipeline = operation == S3Operation.Complete ? _completion : _pipeline;
            return await pipeline.ExecuteAsync(
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

    private static ResiliencePipeline Build(TimeProvider time, TimeSpan budget, TimeSpan tryTimeout) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(budget)
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
            .AddTimeout(tryTimeout)
            .Build();

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
