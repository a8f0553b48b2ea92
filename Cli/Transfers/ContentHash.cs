using System.Security.Cryptography;
using CasFunctions.Digests;
using Microsoft.Win32.SafeHandles;

namespace CasFunctions.Cli.Transfers;

/// <summary>Hashes files.</summary>
internal static class ContentHash
{
    /// <summary>Hashes a file's first bytes while it reads ahead.</summary>
    /// <exception cref="Commands.CliFailure">The file is shorter.</exception>
    public static async Task<Sha256Digest> ComputeAsync(SafeFileHandle file, long length, Action<long> hashed, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await AppendAsync(hash, file, length, hashed, cancellationToken);
        return new Sha256Digest(hash.GetHashAndReset());
    }

    /// <summary>Appends a file's first bytes to a hash.</summary>
    /// <exception cref="Commands.CliFailure">The file is shorter.</exception>
    public static async Task AppendAsync(IncrementalHash hash, SafeFileHandle file, long length, Action<long> hashed, CancellationToken cancellationToken)
    {
        var count = await ReadAhead.ReadAsync(
            file,
            0,
            length,
            piece =>
            {
                hash.AppendData(piece.Span);
                hashed(piece.Length);
                return ValueTask.CompletedTask;
            },
            cancellationToken);
        if (count != length)
        {
            throw ContentFile.Changed();
        }
    }
}
