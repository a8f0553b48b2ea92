using System.Buffers;
using CasFunctions.Digests;
using CasFunctions.Providers;

namespace CasFunctions.Backends;

/// <summary>
/// A store that reads its credentials again when they are refused, because they may have been rotated since it was opened, and repeats the
/// call once with new ones. So nothing that is under way fails by a rotation.
/// </summary>
/// <param name="opened">The store as it was opened.</param>
/// <param name="renew">Opens the store with other credentials than the refused ones; null when there are none.</param>
internal sealed class RenewingBlobStore(OpenedStore opened, Func<OpenedStore, CancellationToken, Task<OpenedStore?>> renew) : IBlobStore
{
    /// <summary>Rotations that one call outlives.</summary>
    private const int MaxRenewals = 3;

    private volatile OpenedStore _opened = opened;

    /// <summary>True when other credentials may help.</summary>
    public static bool IsRefusal(Exception failure) =>
        failure is ProviderException { Kind: ProviderErrorKind.CredentialsRefused or ProviderErrorKind.Forbidden };

    /// <inheritdoc/>
    public Task<CommitOutcome> PutAsync(BlobDescriptor blob, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        RunAsync(current => current.PutAsync(blob, content, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IBlobUpload> OpenUploadAsync(BlobDescriptor blob, string? uploadId, CancellationToken cancellationToken) => RunAsync(
        async current =>
        {
            var upload = await current.OpenUploadAsync(blob, uploadId, cancellationToken);
            return (IBlobUpload)new RenewingBlobUpload(
                upload, blob, async token => await RenewAsync(current, token) ? _opened.Store : null);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<StoredBlob?> FindAsync(Sha256Digest digest, CancellationToken cancellationToken) =>
        RunAsync(current => current.FindAsync(digest, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(Sha256Digest digest, long offset, long length, CancellationToken cancellationToken) =>
        RunAsync(current => current.OpenReadAsync(digest, offset, length, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task DropAbandonedAsync(Sha256Digest digest, DateTimeOffset before, CancellationToken cancellationToken) => RunAsync(
        async current =>
        {
            await current.DropAbandonedAsync(digest, before, cancellationToken);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task PrepareAsync(CancellationToken cancellationToken) => RunAsync(
        async current =>
        {
            await current.PrepareAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task ProbeAsync(CancellationToken cancellationToken) => RunAsync(
        async current =>
        {
            await current.ProbeAsync(cancellationToken);
            return true;
        },
        cancellationToken);

    private async Task<T> RunAsync<T>(Func<IBlobStore, Task<T>> call, CancellationToken cancellationToken)
    {
        for (var renewals = 0; ; renewals++)
        {
            var used = _opened.Store;
            try
            {
                return await call(used);
            }
            catch (ProviderException failure) when (IsRefusal(failure) && renewals < MaxRenewals)
            {
                if (!await RenewAsync(used, cancellationToken))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Sees to it that the store is open with other credentials than those that were refused; false when there are none.</summary>
    private async Task<bool> RenewAsync(IBlobStore refused, CancellationToken cancellationToken)
    {
        var current = _opened;
        if (current.Store != refused)
        {
            return true;
        }

        if (await renew(current, cancellationToken) is not { } renewed)
        {
            return false;
        }

        _opened = renewed;
        return true;
    }
}

/// <summary>A store and what it was opened with.</summary>
/// <param name="Store">The store.</param>
/// <param name="Credentials">The secret; null where there is none.</param>
internal sealed record OpenedStore(IBlobStore Store, string? Credentials)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(OpenedStore);
}
