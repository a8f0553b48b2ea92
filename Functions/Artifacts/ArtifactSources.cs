using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers;
using CasFunctions.Secrets;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Artifacts;

/// <summary>One copy that can be read.</summary>
/// <param name="Copy">The copy.</param>
/// <param name="Backend">Its backend.</param>
public sealed record ArtifactSource(ArtifactCopy Copy, Backend Backend);

/// <summary>Opens an artifact's copies one after the other, until one can be read.</summary>
public sealed partial class ArtifactSources(
    ArtifactIndex index,
    BackendStore backends,
    BackendConnections connections,
    BackendHealth health,
    ArtifactActivity activity,
    TimeProvider time,
    ILogger<ArtifactSources> logger)
{
    /// <summary>The copies that may be read, the default backend's first, those of backends that failed just now last.</summary>
    /// <exception cref="ProblemException">404 when the organization has none; 502 when all are known to be altered.</exception>
    public async Task<IReadOnlyList<ArtifactSource>> FindAsync(
        string organization, Sha256Digest digest, CancellationToken cancellationToken)
    {
        var copies = await index.FindAsync(organization, digest, cancellationToken);
        if (copies.Count == 0)
        {
            throw Problems.NotFound("artifact");
        }

        var set = await backends.ReadAsync(organization, cancellationToken);
        var sources = set.InReadingOrder()
            .SelectMany(backend => copies
                .Where(copy => copy.Backend == backend.Name && copy.CorruptSince is null)
                .Select(copy => new ArtifactSource(copy, backend)))
            .OrderBy(source => health.IsAvoided(source.Backend))
            .ToList();
        return sources.Count > 0 ? sources : throw Corrupt();
    }

    /// <summary>The problem of an artifact that has no right copy.</summary>
    public static ProblemException Corrupt() =>
        new(
            502,
            "content-corrupt",
            "The stored content is not right",
            "The backend does not have the artifact's content any more: it was altered or deleted after it was stored.")
        {
            Hint = "Upload the content again: that puts it right.",
        };

    /// <summary>Opens the first copy that can be opened.</summary>
    /// <param name="sources">The copies that are left; those that fail are taken out.</param>
    /// <param name="offset">First byte to read.</param>
    /// <param name="length">Number of bytes to read, at least 1.</param>
    /// <param name="cancellationToken">Ends the call and the reads.</param>
    /// <returns>The content and the copy that it comes from; null when none is left.</returns>
    public async Task<(Stream Content, ArtifactSource Source)?> OpenAsync(
        IList<ArtifactSource> sources, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sources);
        while (sources.Count > 0)
        {
            var source = sources[0];
            sources.RemoveAt(0);
            try
            {
                var store = await connections.OpenAsync(source.Backend, cancellationToken);
                return (await store.OpenReadAsync(source.Copy.Digest, offset, length, cancellationToken), source);
            }
            catch (ProviderException failure) when (failure.Kind == ProviderErrorKind.BlobNotFound)
            {
                await ReportCorruptAsync(source, cancellationToken);
            }
            catch (Exception failure) when (failure is ProviderException or SecretStoreException)
            {
                LogUnreadable(logger, source.Backend.Name, failure);
                if (BackendHealth.IsFault(failure))
                {
                    await health.ReportFailureAsync(source.Backend, failure, cancellationToken);
                }
            }
        }

        return null;
    }

    /// <summary>Whether the store itself says that a copy has another size than it should, or is gone.</summary>
    public async Task<bool> HasWrongSizeAsync(ArtifactSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        try
        {
            var store = await connections.OpenAsync(source.Backend, cancellationToken);
            return (await store.FindAsync(source.Copy.Digest, cancellationToken))?.Size != source.Copy.Size;
        }
        catch (Exception failure) when (failure is ProviderException or SecretStoreException)
        {
            LogUnreadable(logger, source.Backend.Name, failure);
            return false;
        }
    }

    /// <summary>Notes that a copy was found altered or gone.</summary>
    public async Task ReportCorruptAsync(ArtifactSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        LogCorrupt(logger, source.Copy.Digest, source.Backend.Name, source.Copy.Organization);
        await index.MarkCorruptAsync(source.Copy, time.GetUtcNow(), cancellationToken);
        await activity.CorruptAsync(source.Copy);
        var name = source.Copy.Labels.FirstOrDefault(label => label.Name is not null)?.Name;
        await health.ReportCorruptAsync(source.Backend, source.Copy.Digest, name, cancellationToken);
    }

    /// <summary>Notes that a copy broke off while it was read.</summary>
    public void ReportBroken(ArtifactSource source, Exception failure)
    {
        ArgumentNullException.ThrowIfNull(source);
        LogUnreadable(logger, source.Backend.Name, failure);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A copy on backend {Backend} can't be read")]
    private static partial void LogUnreadable(ILogger logger, string backend, Exception failure);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The copy of {Digest} on backend {Backend} of organization {Organization} was altered or deleted")]
    private static partial void LogCorrupt(ILogger logger, Sha256Digest digest, string backend, string organization);
}
