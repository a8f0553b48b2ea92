using System.Security.Cryptography;
using CasFunctions.Digests;

namespace CasFunctions.Benchmarks.Measuring;

/// <summary>A file of random bytes, and its digest, so that nobody has to hash while the clock runs.</summary>
/// <param name="File">Its path.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Digest">Its digest.</param>
internal sealed record BulkContent(string File, long Size, Sha256Digest Digest)
{
    private const int BlockSize = 1024 * 1024;

    /// <summary>Its size in MiB.</summary>
    public double MiB => Size / (1024.0 * 1024);

    /// <summary>Writes a file.</summary>
    /// <param name="path">Where it will be.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task<BulkContent> CreateAsync(string path, long size, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockSize];
        await using var file = System.IO.File.Create(path);
        for (var left = size; left > 0; left -= BlockSize)
        {
            var piece = block.AsMemory(0, (int)Math.Min(left, BlockSize));
            RandomNumberGenerator.Fill(piece.Span);
            hash.AppendData(piece.Span);
            await file.WriteAsync(piece, cancellationToken);
        }

        return new BulkContent(path, size, new Sha256Digest(hash.GetHashAndReset()));
    }
}
