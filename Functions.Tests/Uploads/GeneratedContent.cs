using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;

namespace CasFunctions.Tests.Uploads;

/// <summary>Content of any size that needs no memory: a fixed block over and over, each time marked with its number.</summary>
public sealed class GeneratedContent : HttpContent
{
    private const int BlockSize = 1024 * 1024;

    private readonly byte[] _block;
    private readonly bool _chunked;
    private readonly long _first;

    private GeneratedContent(byte[] block, long first, long size, bool chunked)
    {
        Size = size;
        _block = block;
        _first = first;
        _chunked = chunked;
    }

    /// <summary>Size in bytes.</summary>
    public long Size { get; }

    /// <summary>Its digest.</summary>
    public Sha256Digest Digest { get; private set; }

    /// <summary>Makes a content and hashes it.</summary>
    /// <param name="size">Size in bytes, a multiple of 1 MiB.</param>
    /// <param name="chunked">Whether it is sent without Content-Length.</param>
    public static GeneratedContent Create(long size, bool chunked)
    {
        var content = new GeneratedContent(RandomNumberGenerator.GetBytes(BlockSize), 0, size, chunked);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var number = 0L; number < size / BlockSize; number++)
        {
            hash.AppendData(content.Block(number));
        }

        content.Digest = new Sha256Digest(hash.GetHashAndReset());
        return content;
    }

    /// <summary>A piece of it, whose digest is not known.</summary>
    /// <param name="offset">Where it begins, in bytes, a multiple of 1 MiB.</param>
    /// <param name="size">Its size in bytes, a multiple of 1 MiB.</param>
    public GeneratedContent Slice(long offset, long size) => new((byte[])_block.Clone(), offset / BlockSize, size, _chunked);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        for (var number = 0L; number < Size / BlockSize; number++)
        {
            await stream.WriteAsync(Block(_first + number), cancellationToken);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = Size;
        return !_chunked;
    }

    private byte[] Block(long number)
    {
        BitConverter.TryWriteBytes(_block, number);
        return _block;
    }
}
