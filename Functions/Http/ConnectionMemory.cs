using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace CasFunctions.Http;

/// <summary>
/// Gives Kestrel's connections memory in blocks of 64 KiB. Its own are of 4 KiB, and a system call for each of them is what bounds the
/// speed of large bodies. Both hosts take this factory from the container.
/// </summary>
/// <param name="time">Clock of the trimming.</param>
public sealed class ConnectionMemory(TimeProvider time) : IMemoryPoolFactory<byte>
{
    /// <summary>Size of a block in bytes. Larger ones are hardly faster, and each connection with a request under way holds at least one.</summary>
    public const int BlockSize = 64 * 1024;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new ConnectionMemoryPool(BlockSize, time);
}
