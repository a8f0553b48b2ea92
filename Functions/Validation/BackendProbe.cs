using CasFunctions.Backends;
using CasFunctions.Providers;
using CasFunctions.Secrets;

namespace CasFunctions.Validation;

/// <summary>Checks with real calls whether a backend can be read and written. Changes nothing, here or there.</summary>
public sealed class BackendProbe(BackendConnections connections, TimeProvider time)
{
    /// <summary>How long a check may take. What takes longer counts as unreachable, whether or not it ever ends.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Checks a backend with its current credentials.</summary>
    public Task<ProbeResult> RunAsync(Backend backend, CancellationToken cancellationToken) =>
        RunAsync(async token => await (await connections.OpenAsync(backend, token)).ProbeAsync(token), cancellationToken);

    /// <summary>Checks a store that was opened with credentials that are not stored yet.</summary>
    /// <param name="store">The store.</param>
    /// <param name="prepare">True to make what a new backend needs, such as its container.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public Task<ProbeResult> RunAsync(IBlobStore store, bool prepare, CancellationToken cancellationToken) => RunAsync(
        async token =>
        {
            if (prepare)
            {
                await store.PrepareAsync(token);
            }

            await store.ProbeAsync(token);
        },
        cancellationToken);

    private async Task<ProbeResult> RunAsync(Func<CancellationToken, Task> check, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var checking = check(linked.Token);
        try
        {
            // A library that does not heed its token must not hold up the check.
            await checking.WaitAsync(Limit, time, cancellationToken);
            return ProbeResult.Passed;
        }
        catch (Exception failure) when (
            failure is TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            Forget(checking);
            return new(ProbeOutcome.Failed, $"It did not answer within {Limit.TotalSeconds:0} seconds.");
        }
        catch (ProviderException failure)
        {
            return new(OutcomeOf(failure.Kind), failure.Message);
        }
        catch (SecretStoreException failure) when (failure.Kind == SecretStoreErrorKind.NotFound)
        {
            return new(ProbeOutcome.Refused, "Its credentials are gone from the secret store.");
        }
        catch (SecretStoreException)
        {
            return new(ProbeOutcome.Inconclusive, "The secret store can't be read at the moment.");
        }
    }

    private static ProbeOutcome OutcomeOf(ProviderErrorKind kind) => kind switch
    {
        ProviderErrorKind.CredentialsRefused
            or ProviderErrorKind.Forbidden
            or ProviderErrorKind.Misconfigured
            or ProviderErrorKind.AddressRefused
            => ProbeOutcome.Refused,
        _ => ProbeOutcome.Failed,
    };

    /// <summary>Sees to it that a failure that nobody waits for any more is not reported as unobserved.</summary>
    private static void Forget(Task task) =>
        _ = task.ContinueWith(
            static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
