using System.Buffers;
using CasFunctions.Digests;
using CasFunctions.Providers;

namespace CasFunctions.Artifacts;

/// <summary>Reads a stored copy and tells whether it is what it should be.</summary>
public static class CopyVerifier
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Reads a copy whole and hashes it.</summary>
    /// <returns>True when it has the digest; false when it is altered, shorter or longer.</returns>
    /// <exception cref="ProviderException">The store failed, or has no such content.</exception>
    public static async Task<bool> IsRightAsync(IBlobStore store, Sha256Digest digest, long size, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        var stored = await store.FindAsync(digest, cancellationToken)
            ?? throw new ProviderException(ProviderErrorKind.BlobNotFound, "The backend has no such content.");
        if (stored.Size != size)
        {
            return false;
        }

        using var hash = new ContentHash();
        if (size > 0)
        {
            await using var content = await store.OpenReadAsync(digest, 0, size, cancellationToken);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                int count;
                while ((count = await content.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    hash.Append(buffer.AsSpan(0, count));
                }
            }
            catch (IOException failure)
            {
                throw new ProviderException(ProviderErrorKind.Unreachable, "The connection to the backend broke off.", failure);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return hash.BytesHashed == size && hash.GetCurrentDigest() == digest;
    }
}
