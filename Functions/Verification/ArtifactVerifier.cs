using CasFunctions.Artifacts;
using CasFunctions.Audit;
using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Secrets;

namespace CasFunctions.Verification;

/// <summary>Reads stored copies again and writes down what they are. It repairs nothing: the next honest upload does.</summary>
public sealed class ArtifactVerifier(
    ArtifactIndex index,
    ArtifactSources sources,
    ArtifactActivity activity,
    BackendStore backends,
    BackendConnections connections,
    BackendHealth health,
    TimeProvider time)
{
    /// <summary>The longest that <see cref="FindCorruptAsync"/> reads; it goes on after the answer of its request.</summary>
    private static readonly TimeSpan MaxSearch = TimeSpan.FromMinutes(3);

    /// <summary>Reads all copies of an artifact.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="digest">The artifact's digest.</param>
    /// <param name="actor">Who asks for it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ProblemException">404 when the organization has no such artifact.</exception>
    public async Task<VerificationDocument> VerifyAsync(
        string organization, Sha256Digest digest, string actor, CancellationToken cancellationToken)
    {
        var copies = await index.FindAsync(organization, digest, cancellationToken);
        if (copies.Count == 0)
        {
            throw Problems.NotFound("artifact");
        }

        var set = await backends.ReadAsync(organization, cancellationToken);
        List<VerifiedCopy> verified = [];
        foreach (var backend in set.InReadingOrder())
        {
            if (copies.FirstOrDefault(copy => copy.Backend == backend.Name) is { } copy)
            {
                verified.Add(await VerifyAsync(new ArtifactSource(copy, backend), actor, cancellationToken));
            }
        }

        return new(digest.ToString(), verified);
    }

    /// <summary>
    /// Reads the copies of which one at least is not right, and marks those. A copy stays as it is when it can't be read, or not in
    /// three minutes.
    /// </summary>
    public async Task FindCorruptAsync(IEnumerable<ArtifactSource> copies)
    {
        using var late = new CancellationTokenSource(MaxSearch, time);
        await Task.WhenAll(copies.Select(async copy =>
        {
            try
            {
                await VerifyAsync(copy, AuditEvent.System, late.Token);
            }
            catch (OperationCanceledException failure) when (late.IsCancellationRequested)
            {
                sources.ReportBroken(copy, failure);
            }
        }));
    }

    /// <summary>Reads one copy.</summary>
    public async Task<VerifiedCopy> VerifyAsync(ArtifactSource source, string actor, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        var copy = source.Copy;
        bool right;
        try
        {
            var store = await connections.OpenAsync(source.Backend, cancellationToken);
            right = await CopyVerifier.IsRightAsync(store, copy.Digest, copy.Size, cancellationToken);
        }
        catch (ProviderException failure) when (failure.Kind == ProviderErrorKind.BlobNotFound)
        {
            right = false;
        }
        catch (Exception failure) when (failure is ProviderException or SecretStoreException)
        {
            if (BackendHealth.IsFault(failure))
            {
                await health.ReportFailureAsync(source.Backend, failure, cancellationToken);
            }

            var reason = failure is ProviderException ? failure.Message : "The backend's credentials can't be read.";
            return new(copy.Backend, VerificationOutcome.Unreadable, copy.VerifiedAt, copy.CorruptSince, reason);
        }

        var now = time.GetUtcNow();
        if (!right)
        {
            await sources.ReportCorruptAsync(source, cancellationToken);
            return new(copy.Backend, VerificationOutcome.Corrupt, copy.VerifiedAt, copy.CorruptSince ?? now, null);
        }

        await index.MarkRightAsync(copy, now, cancellationToken);
        await activity.VerifiedAsync(copy, actor);
        return new(copy.Backend, VerificationOutcome.Right, now, null, null);
    }
}
