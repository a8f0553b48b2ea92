using System.Buffers;
using System.Globalization;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// An upload that lives as long as its one PATCH, and so as the request that opened it. A failure of the registry shows at the next
/// part or at the commit.
/// </summary>
/// <param name="store">Where it goes.</param>
/// <param name="blob">What is stored.</param>
/// <param name="upload">The registry's upload.</param>
/// <param name="wasThere">Whether the registry had a blob of this digest before.</param>
/// <param name="sent">True when the registry has the whole body, and the upload only waits to be closed.</param>
internal sealed class OciUpload(
    OciBlobStore store, BlobDescriptor blob, RegistryUpload upload, bool wasThere, bool sent = false) : IBlobUpload
{
    private int _parts;
    private long _written;

    /// <inheritdoc/>
    public string UploadId => upload.Address.AbsoluteUri;

    /// <inheritdoc/>
    public int MaxPartsInFlight => 1;

    /// <inheritdoc/>
    public bool CanResume => false;

    /// <inheritdoc/>
    public async Task<string> WritePartAsync(int number, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        if (sent || number != _parts + 1)
        {
            throw new ProviderException(
                ProviderErrorKind.UploadLost, "Earlier parts were sent in another request, which a registry drops.");
        }

        _parts = number;
        _written += content.Length;
        if (!content.IsEmpty)
        {
            await upload.WriteAsync(content, cancellationToken);
        }

        return number.ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async Task<CommitOutcome> CommitAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tags);
        if (!sent && (tags.Count != _parts || _written != blob.Size))
        {
            throw new ProviderException(ProviderErrorKind.UploadLost, "Not all parts were sent in this request.");
        }

        await upload.WaitAsync(cancellationToken);
        var outcome = await store.CommitAsync(upload, blob, cancellationToken);
        return wasThere ? CommitOutcome.Displaced : outcome;
    }

    /// <inheritdoc/>
    /// <remarks>What a registry does not drop at once it collects by itself.</remarks>
    public async Task<bool> AbortAsync(CancellationToken cancellationToken)
    {
        await upload.DropAsync(cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => upload.DisposeAsync();
}
