using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace CasFunctions.Cli.Transfers;

/// <summary>Reads a part of a file piece by piece; while one piece is used, the next is read.</summary>
internal static class ReadAhead
{
    private const int PieceSize = 1 << 20;

    /// <summary>Reads from an offset until a number of bytes was read or the file ends, and hands on each piece.</summary>
    /// <returns>How many bytes were read.</returns>
    public static async Task<long> ReadAsync(
        SafeFileHandle file, long offset, long length, Func<ReadOnlyMemory<byte>, ValueTask> use, CancellationToken cancellationToken)
    {
        var current = ArrayPool<byte>.Shared.Rent(PieceSize);
        var next = ArrayPool<byte>.Shared.Rent(PieceSize);
        var done = 0L;
        var reading = Start(current, done);
        try
        {
            while (await reading is var count && count > 0)
            {
                done += count;
                (current, next) = (next, current);
                reading = Start(current, done);
                await use(next.AsMemory(0, count));
            }

            return done;
        }
        finally
        {
            // The buffer must not go back while the system still writes to it.
            await reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            ArrayPool<byte>.Shared.Return(current);
            ArrayPool<byte>.Shared.Return(next);
        }

        Task<int> Start(byte[] buffer, long position)
        {
            var wanted = (int)Math.Min(PieceSize, length - position);
            return wanted == 0 ? Task.FromResult(0) : RandomAccess.ReadAsync(file, buffer.AsMemory(0, wanted), offset + position, cancellationToken).AsTask();
        }
    }
}
