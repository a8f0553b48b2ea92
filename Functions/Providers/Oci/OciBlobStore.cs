using System.Buffers;
using CasFunctions.Digests;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// A repository of an OCI registry. Each blob is kept by an artifact manifest (see <see cref="EvidenceManifest"/>) at a tag made
/// of its digest, in the same repository. A blob counts as stored only with its manifest: without one, the registry's garbage
/// collection takes it.
/// </summary>
/// <remarks>
/// Most registries keep the bytes that they have under a digest and drop what is pushed again, even when theirs have gone bad. So
/// content that was there before is pushed all the same, for those that replace it, and then reported as
/// <see cref="CommitOutcome.Displaced"/>: what the registry has counts only after it was read and hashed.
/// </remarks>
public sealed partial class OciBlobStore : IBlobStore
{
    /// <summary>Closing a large upload may take a registry long, see <see cref="RegistryUpload.FinishTimeout"/>.</summary>
    private static readonly TimeSpan CommitBudget = TimeSpan.FromSeconds(150);

    private static readonly TimeSpan DropTimeout = TimeSpan.FromSeconds(5);

    private readonly OciRegistryClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger<OciBlobStore> _logger;
    private readonly string _location;
    private readonly RegistryRetry _retry;
    private readonly RegistryRetry _commitRetry;
    private volatile bool _configPresent;

    internal OciBlobStore(OciRegistryClient client, OciRepository repository, TimeProvider time, ILogger<OciBlobStore> logger)
    {
        _client = client;
        _time = time;
        _logger = logger;
        _location = repository.Location;
        _retry = new RegistryRetry(time, ProviderRetry.TotalBudget);
        _commitRetry = new RegistryRetry(time, CommitBudget);
    }

    /// <inheritdoc/>
    public Task<CommitOutcome> PutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);

        // Both outlive a try: what a later one finds may be what an earlier one sent.
        bool? wasThere = null;
        var pushed = false;
        return _retry.RunAsync(
            async token =>
            {
                wasThere ??= await HasAsync(blob.Digest, token);
                if (!pushed)
                {
                    await PushAsync(blob.Digest, content, token);
                    pushed = true;
                }

                var outcome = await PublishAsync(blob, token);
                return wasThere.Value ? CommitOutcome.Displaced : outcome;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IBlobUpload> OpenUploadAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        var wasThere = await _retry.RunAsync(token => HasAsync(blob.Digest, token), cancellationToken);
        if (uploadId is { Length: > 0 })
        {
            var known = RegistryUpload.Reopen(_client, new Uri(uploadId), blob.Digest, blob.Size, _time, DropAsync);
            return new OciUpload(this, blob, known, wasThere, sent: true);
        }

        var upload = await _retry.RunAsync(token => StartAsync(blob.Digest, blob.Size, isLong: true, token), cancellationToken);
        return new OciUpload(this, blob, upload, wasThere);
    }

    /// <inheritdoc/>
    public Task<StoredBlob?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken) => _retry.RunAsync(
        async token =>
        {
            var manifest = await _client.GetManifestAsync(EvidenceManifest.Tag(digest), RegistryRight.Pull, token);
            return manifest is not null
                && EvidenceManifest.TryRead(manifest, digest, out var nonce)
                && await _client.HeadBlobAsync(digest, RegistryRight.Pull, token) is { } size
                ? new StoredBlob(size, nonce)
                : null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(Sha256Digest digest, long offset, long length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return _retry.RunAsync(token => _client.GetBlobAsync(digest, offset, length, cancellationToken, token), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ProbeAsync(CancellationToken cancellationToken) => _retry.RunAsync(
        async token =>
        {
            await _client.PingAsync(token);
            await DropAsync(await _client.StartUploadAsync(token), token);

            // No content has a digest of zeros only: the answer tells of the right to read, not of a blob.
            await _client.HeadBlobAsync(default, RegistryRight.Pull, token);
            return true;
        },
        cancellationToken);

    /// <summary>Closes an upload whose body the registry has, and names its blob.</summary>
    internal Task<CommitOutcome> CommitAsync(RegistryUpload upload, BlobDescriptor blob, CancellationToken cancellationToken) =>
        _commitRetry.RunAsync(
            async token =>
            {
                await upload.FinishAsync(token);
                return await PublishAsync(blob, token);
            },
            cancellationToken);

    private Task<RegistryUpload> StartAsync(Sha256Digest digest, long size, bool isLong, CancellationToken cancellationToken) =>
        RegistryUpload.StartAsync(_client, digest, size, isLong, _time, DropAsync, cancellationToken);

    /// <summary>Drops an upload as far as the registry lets us: the right to write does not include it everywhere.</summary>
    private async Task DropAsync(Uri upload, CancellationToken cancellationToken)
    {
        using var clock = new CancellationTokenSource(DropTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellationToken);
        try
        {
            await _client.CancelUploadAsync(upload, linked.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ProviderException)
        {
            LogNotDropped(_location, e.Message);
        }
    }

    private async Task<bool> HasAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        await _client.HeadBlobAsync(digest, RegistryRight.Push, cancellationToken) is not null;

    private async Task PushAsync(Sha256Digest digest, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        await using var upload = await StartAsync(digest, content.Length, isLong: false, cancellationToken);
        if (!content.IsEmpty)
        {
            await upload.WriteAsync(content, cancellationToken);
        }

        await upload.FinishAsync(cancellationToken);
    }

    private async Task<CommitOutcome> PublishAsync(BlobDescriptor blob, CancellationToken cancellationToken)
    {
        var manifest = EvidenceManifest.Write(blob);
        var tag = EvidenceManifest.Tag(blob.Digest);
        var known = _configPresent;
        await EnsureConfigAsync(cancellationToken);
        try
        {
            await _client.PutManifestAsync(tag, manifest, cancellationToken);
        }
        catch (ProviderException e) when (e.Kind is ProviderErrorKind.BlobNotFound && known)
        {
            // The config that we remember is gone: collected, or the repository was made anew.
            _configPresent = false;
            await EnsureConfigAsync(cancellationToken);
            await _client.PutManifestAsync(tag, manifest, cancellationToken);
        }
        catch (ProviderException e) when (e.Kind is ProviderErrorKind.Forbidden or ProviderErrorKind.Rejected
            or ProviderErrorKind.Misconfigured or ProviderErrorKind.Unexpected)
        {
            // Registries with immutable tags refuse a second manifest, each in its own words.
            var present = await _client.GetManifestAsync(tag, RegistryRight.Push, cancellationToken);
            if (present is null || !EvidenceManifest.TryRead(present, blob.Digest, out _))
            {
                if (e.Kind is not ProviderErrorKind.Rejected)
                {
                    throw;
                }

                // The registry has checked the blobs and counts the manifest's digest itself, so no digest here can be wrong. What
                // distribution 2.8 stumbles over is a file of its own that another writer of the same blob is just writing anew.
                throw new ProviderException(ProviderErrorKind.Unavailable, e.Message, e);
            }

            return CommitOutcome.Displaced;
        }

        return CommitOutcome.Committed;
    }

    private async Task EnsureConfigAsync(CancellationToken cancellationToken)
    {
        if (!_configPresent)
        {
            if (!await HasAsync(EvidenceManifest.EmptyConfigDigest, cancellationToken))
            {
                var config = new ReadOnlySequence<byte>(EvidenceManifest.EmptyConfig);
                await PushAsync(EvidenceManifest.EmptyConfigDigest, config, cancellationToken);
            }

            _configPresent = true;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "An unfinished upload to {Location} was not dropped; the registry ages it out: {Reason}")]
    private partial void LogNotDropped(string location, string reason);
}
