using System.Buffers;

namespace CasFunctions.Uploads;

/// <summary>
/// The bytes of one part, in segments that are taken only as bytes arrive, so that a stalled or tiny upload holds little.
/// </summary>
public sealed class PartBuffer(UploadMemory memory) : IDisposable
{
    /// <summary>Size of a full part in bytes.</summary>
    public const int PartSize = 8 * 1024 * 1024;

    private readonly List<byte[]> _segments = [];

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>Room in the segments that are taken already.</summary>
    public int Room => (_segments.Count * UploadMemory.SegmentSize) - Length;

    /// <summary>Adds an empty segment, whose ownership passes to this buffer.</summary>
    public void AddSegment(byte[] segment) => _segments.Add(segment);

    /// <summary>Copies bytes into the room there is.</summary>
    /// <exception cref="ArgumentException">There are more than <see cref="Room"/>.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Room)
        {
            throw new ArgumentException("More bytes than there is room for.", nameof(bytes));
        }

        while (!bytes.IsEmpty)
        {
            var at = Length % UploadMemory.SegmentSize;
            var count = Math.Min(bytes.Length, UploadMemory.SegmentSize - at);
            bytes[..count].CopyTo(_segments[Length / UploadMemory.SegmentSize].AsSpan(at));
            bytes = bytes[count..];
            Length += count;
        }
    }

    /// <summary>The free room of the segment that is being filled, for reading straight into it.</summary>
    public Memory<byte> NextRoom() => Room == 0
        ? Memory<byte>.Empty
        : _segments[Length / UploadMemory.SegmentSize].AsMemory(Length % UploadMemory.SegmentSize);

    /// <summary>Counts bytes that were read into <see cref="NextRoom"/>.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>The bytes, valid until the buffer is disposed of.</summary>
    public ReadOnlySequence<byte> AsSequence()
    {
        if (Length == 0)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        Link? first = null;
        Link? last = null;
        for (var start = 0; start < Length; start += UploadMemory.SegmentSize)
        {
            var bytes = _segments[start / UploadMemory.SegmentSize].AsMemory(0, Math.Min(UploadMemory.SegmentSize, Length - start));
            last = new Link(bytes, last);
            first ??= last;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    /// <summary>Gives the segments back.</summary>
    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            memory.Return(segment);
        }

        _segments.Clear();
        Length = 0;
    }

    private sealed class Link : ReadOnlySequenceSegment<byte>
    {
        public Link(ReadOnlyMemory<byte> memory, Link? before)
        {
            Memory = memory;
            if (before is not null)
            {
                before.Next = this;
                RunningIndex = before.RunningIndex + before.Memory.Length;
            }
        }
    }
}
