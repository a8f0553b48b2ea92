using System.Security.Cryptography;
using CasFunctions.Cli.Transfers;
using CasFunctions.Digests;

namespace CasFunctions.Cli.Downloads;

/// <summary>
/// The file that a download writes to until all is there and proven: in the target's folder, so that the rename at the end is one step, and
/// under a random name, so that nobody can have put something there before.
/// </summary>
internal sealed class PartialFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private FileStream? _stream;

    private PartialFile(string path, FileStream stream)
    {
        _path = path;
        _stream = stream;
    }

    /// <summary>How many bytes are there.</summary>
    public long Length { get; private set; }

    /// <summary>Opens the file of an earlier run, or creates one.</summary>
    /// <param name="target">The final name.</param>
    /// <param name="earlier">The file of an earlier run; null when there is none.</param>
    /// <param name="progress">Told of what is read again.</param>
    /// <param name="cancellationToken">Ends reading what is there.</param>
    public static async Task<PartialFile> OpenAsync(string target, string? earlier, TransferProgress progress, CancellationToken cancellationToken)
    {
        if (earlier is not null && TryReopen(earlier) is { } stream)
        {
            var taken = new PartialFile(earlier, stream) { Length = stream.Length };
            await ContentHash.AppendAsync(taken._hash, stream.SafeFileHandle, stream.Length, progress.Add, cancellationToken);
            stream.Position = stream.Length;
            return taken;
        }

        var path = Path.Combine(Path.GetDirectoryName(target)!, $".cas-{Guid.NewGuid():n}.part");
        return new PartialFile(path, new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 }));
    }

    /// <summary>Where it is.</summary>
    public string Location => _path;

    /// <summary>Adds what arrived.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        _hash.AppendData(piece.Span);
        await _stream!.WriteAsync(piece, cancellationToken);
        Length += piece.Length;
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _stream!.SetLength(0);
        _stream.Position = 0;
        _hash.GetHashAndReset();
        Length = 0;
    }

    /// <summary>True when what is there has this digest.</summary>
    public bool Has(Sha256Digest digest) => new Sha256Digest(_hash.GetCurrentHash()) == digest;

    /// <summary>Gives the file its final name.</summary>
    /// <param name="target">The final name.</param>
    /// <param name="overwrite">Whether another file of that name is replaced.</param>
    public async Task PublishAsync(string target, bool overwrite)
    {
        _stream!.Flush(flushToDisk: true);
        await DisposeAsync();
        File.Move(_path, target, overwrite);
    }

    /// <summary>Removes the file.</summary>
    public async Task DeleteAsync()
    {
        await DisposeAsync();
        File.Delete(_path);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
        {
            await _stream.DisposeAsync();
            _stream = null;
            _hash.Dispose();
        }
    }

    private static FileStream? TryReopen(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, LinkTarget: null }
                ? new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 })
                : null;
        }
        catch (IOException)
        {
            // Another run is writing to it.
            return null;
        }
    }
}
