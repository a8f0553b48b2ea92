using CasFunctions.Backends;
using CasFunctions.Http;
using CasFunctions.Providers;

namespace CasFunctions.Uploads;

/// <summary>
/// The way of one upload to a backend: the first of its targets that takes it. Bytes that are still in memory when a backend fails go to
/// the next one, and the client notices nothing.
/// </summary>
/// <param name="targets">The backends that may take it, in the order in which they are tried; at least one.</param>
/// <param name="connections">Opens them.</param>
/// <param name="health">Learns how it went.</param>
public sealed class UploadRoute(IReadOnlyList<UploadTarget> targets, BackendConnections connections, BackendHealth health)
{
    /// <summary>The largest content that the upload may have, in bytes.</summary>
    public long MaxBytes => targets[0].Backend.MaxBytes;

    /// <summary>Delivers what is in memory.</summary>
    /// <param name="size">The content's whole size in bytes; backends that don't take as much are left out.</param>
    /// <param name="deliver">Delivers to one backend; called again with the next one when it fails by the backend's fault.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What <paramref name="deliver"/> returned for the backend that took it, and that backend.</returns>
    public async Task<Delivery<T>> DeliverAsync<T>(
        long size, Func<UploadTarget, IBlobStore, CancellationToken, Task<T>> deliver, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliver);
        var target = targets[0];
        var rest = new Queue<UploadTarget>(targets.Skip(1).Where(other => size <= other.Backend.MaxBytes));
        while (true)
        {
            try
            {
                var store = await connections.OpenAsync(target.Backend, cancellationToken);
                var result = await deliver(target, store, cancellationToken);
                health.ReportSuccess(target.Backend);
                return new(target, store, result);
            }
            catch (Exception failure) when (BackendHealth.IsFault(failure))
            {
                await health.ReportFailureAsync(target.Backend, failure, cancellationToken);
                if (!rest.TryDequeue(out var next))
                {
                    throw;
                }

                target = next.IsFallback ? UploadTarget.InsteadOf(target.Backend, next.Backend, BackendHealth.Describe(failure)) : next;
            }
        }
    }

    /// <summary>
    /// Makes the failure of a backend that had taken the first part into the answer: what was read of the body is gone, so that the client
    /// has to begin anew.
    /// </summary>
    /// <param name="target">The backend that failed.</param>
    /// <param name="failure">Its failure.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The exception to throw; null when no other backend could take the content, and the failure stands for itself.</returns>
    public async Task<UploadBrokenException?> BreakAsync(UploadTarget target, Exception failure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        await health.ReportFailureAsync(target.Backend, failure, cancellationToken);
        return targets.Any(other => other.Backend != target.Backend) ? new UploadBrokenException(target, failure) : null;
    }
}

/// <summary>A delivery that succeeded.</summary>
/// <param name="Target">The backend that took it.</param>
/// <param name="Store">The backend as it was opened.</param>
/// <param name="Result">What it answered.</param>
public sealed record Delivery<T>(UploadTarget Target, IBlobStore Store, T Result);

/// <summary>A backend failed after it had taken the first part, and another backend could take the content from the start.</summary>
public sealed class UploadBrokenException : ProblemException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="target">The backend that failed.</param>
    /// <param name="failure">Its failure.</param>
    public UploadBrokenException(UploadTarget target, Exception failure)
        : base(503, "upload-broken", "The backend failed", Describe(target, failure))
    {
        RetryAfter = TimeSpan.FromSeconds(1);
        Hint = "Nothing was stored. Begin the upload anew, with a new session: it goes to another backend.";
    }

    private static string Describe(UploadTarget target, Exception failure) =>
        $"'{target.Backend.Name}' {BackendHealth.Describe(failure)}; it failed in the middle of the upload.";
}
