using CasFunctions.Artifacts;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Organizations;
using CasFunctions.Security;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Links;

/// <summary>Makes links and lets their holders in.</summary>
public sealed partial class DownloadLinks(
    LinkStore store,
    ArtifactSources sources,
    ArtifactActivity activity,
    TokenStore tokens,
    TimeProvider time,
    ILogger<DownloadLinks> logger)
{
    /// <summary>How long a link is good for after it was made, and after a download by it was last seen running.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>The most that running downloads make of it.</summary>
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(1);

    private static readonly TimeSpan HoldEvery = TimeSpan.FromSeconds(20);

    /// <summary>Makes a link to an artifact that can be read.</summary>
    /// <returns>Its id, which is kept nowhere, and the link.</returns>
    /// <exception cref="ProblemException">404 or 502: there is no such artifact, or no right copy of it.</exception>
    public async Task<(string Id, DownloadLink Link)> CreateAsync(Caller caller, Sha256Digest digest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var copies = await sources.FindAsync(caller.Organization, digest, cancellationToken);
        var id = DownloadLink.NewId();
        var now = time.GetUtcNow();
        var link = new DownloadLink(DownloadLink.HashOf(id), caller.Organization, digest, caller.Identity, now, now + Lifetime);
        await store.WriteAsync(link, cancellationToken);
        await activity.LinkedAsync(caller, copies[0].Copy, link.Name);
        return (id, link);
    }

    /// <summary>Finds a link that is good: it has not expired, nor has the token that made it, which is not revoked either.</summary>
    /// <exception cref="ProblemException">404: there is none.</exception>
    public async Task<DownloadLink> FindAsync(string id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await store.FindAsync(id, cancellationToken) is not { } link || link.ExpiresAt <= now)
        {
            throw NotFound();
        }

        if (Caller.TokenOf(link.CreatedBy) is { } token
            && (await tokens.FindByIdAsync(link.Organization, token, cancellationToken) is not { } maker || maker.IsExpired(now)))
        {
            throw NotFound();
        }

        return link;
    }

    /// <summary>
    /// Keeps a link good while a download by it runs. Where that breaks off, on whatever instance and however late this is noticed, the
    /// browser has a minute to go on. That gives nobody more than they have: whoever runs it has the content. Only for links that end with
    /// the API token that made them: others would outlive the pipeline's token.
    /// </summary>
    /// <param name="link">The link.</param>
    /// <param name="ended">Ends with the download.</param>
    public async Task HoldAsync(DownloadLink link, CancellationToken ended)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (Caller.TokenOf(link.CreatedBy) is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(HoldEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                await ProlongAsync(link, ended);
            }
        }
        catch (OperationCanceledException)
        {
            // The download has ended.
        }
    }

    /// <summary>Removes the links that have expired.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => store.RemoveExpiredAsync(time.GetUtcNow(), cancellationToken);

    private static ProblemException NotFound() =>
        new(404, "not-found", "Not found", "There is no such download link, or it has expired.")
        {
            Hint = "A link is good for a minute. Make another: POST /v1/artifacts/{digest}/links.",
        };

    private async Task ProlongAsync(DownloadLink link, CancellationToken cancellationToken)
    {
        var expiresAt = time.GetUtcNow() + Lifetime;
        var latest = link.CreatedAt + MaxLifetime;
        try
        {
            await store.WriteAsync(link with { ExpiresAt = expiresAt < latest ? expiresAt : latest }, cancellationToken);
        }
        catch (Exception failure) when (Storage.AppStorage.IsUnavailable(failure))
        {
            // The download itself needs no table.
            LogNotProlonged(logger, link.Name, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The download link {Link} could not be prolonged")]
    private static partial void LogNotProlonged(ILogger logger, string link, Exception failure);
}
