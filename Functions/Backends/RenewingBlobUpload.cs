using System.Buffers;
using CasFunctions.Providers;

namespace CasFunctions.Backends;

/// <summary>An upload that goes on under new credentials when the store refuses those that it was opened with.</summary>
internal sealed class RenewingBlobUpload : IBlobUpload
{
    private readonly BlobDescriptor _blob;
    private readonly Func<CancellationToken, Task<IBlobStore?>> _renew;
    private readonly SemaphoreSlim _renewing = new(1);
    private readonly List<IBlobUpload> _former = [];
    private volatile IBlobUpload _upload;

    /// <summary>Makes the upload.</summary>
    /// <param name="upload">The upload as it was opened.</param>
    /// <param name="blob">What is stored.</param>
    /// <param name="renew">Opens the store with other credentials; null when there are none.</param>
    public RenewingBlobUpload(IBlobUpload upload, BlobDescriptor blob, Func<CancellationToken, Task<IBlobStore?>> renew)
    {
        _upload = upload;
        _blob = blob;
        _renew = renew;
    }

    /// <inheritdoc/>
    public string UploadId => _upload.UploadId;

    /// <inheritdoc/>
    public int MaxPartsInFlight => _upload.MaxPartsInFlight;

    /// <inheritdoc/>
    public bool CanResume => _upload.CanResume;

    /// <inheritdoc/>
    public async Task<string> WritePartAsync(int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        var used = _upload;
        try
        {
            return await used.WritePartAsync(number, content, cancellationToken);
        }
        catch (ProviderException failure) when (RenewingBlobStore.IsRefusal(failure) && (used.CanResume || number == 1))
        {
            if (!await ReopenAsync(used, used.CanResume ? used.UploadId : null, cancellationToken))
            {
                throw;
            }

            return await _upload.WritePartAsync(number, content, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<CommitOutcome> CommitAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var used = _upload;
        try
        {
            return await used.CommitAsync(tags, cancellationToken);
        }
        catch (ProviderException failure) when (RenewingBlobStore.IsRefusal(failure))
        {
            if (!await ReopenAsync(used, used.UploadId, cancellationToken))
            {
                throw;
            }

            return await _upload.CommitAsync(tags, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<bool> AbortAsync(CancellationToken cancellationToken) => _upload.AbortAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _upload.DisposeAsync();
        foreach (var former in _former)
        {
            await former.DisposeAsync();
        }

        _renewing.Dispose();
    }

    /// <summary>Opens the upload under new credentials, once for all parts that are refused at the same time.</summary>
    /// <returns>False when there are no other credentials.</returns>
    private async Task<bool> ReopenAsync(IBlobUpload refused, string? uploadId, CancellationToken cancellationToken)
    {
        await _renewing.WaitAsync(cancellationToken);
        try
        {
            if (_upload != refused)
            {
                return true;
            }

            if (await _renew(cancellationToken) is not { } store)
            {
                return false;
            }

            _upload = await store.OpenUploadAsync(_blob, uploadId, cancellationToken);
            _former.Add(refused);
            return true;
        }
        finally
        {
            _renewing.Release();
        }
    }
}
