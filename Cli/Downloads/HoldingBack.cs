using System.Security.Cryptography;
using CasFunctions.Digests;

namespace CasFunctions.Cli.Downloads;

/// <summary>Passes content on as it comes, except for the last piece, which waits for the proof.</summary>
internal sealed class HoldingBack(Stream output)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _held = [];
    private int _count;

    /// <summary>Takes a piece that is not empty.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        await output.WriteAsync(_held.AsMemory(0, _count), cancellationToken);
        _hash.AppendData(piece.Span);
        if (_held.Length < piece.Length)
        {
            _held = new byte[piece.Length];
        }

        piece.CopyTo(_held);
        _count = piece.Length;
    }

    /// <summary>True when all that came has this digest.</summary>
    public bool Has(Sha256Digest digest) => new Sha256Digest(_hash.GetCurrentHash()) == digest;

    /// <summary>Passes on the last piece.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(_held.AsMemory(0, _count), cancellationToken);
        await output.FlushAsync(cancellationToken);
        _hash.Dispose();
    }
}
