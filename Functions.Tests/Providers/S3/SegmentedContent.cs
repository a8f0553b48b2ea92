using System.Buffers;

namespace CasFunctions.Tests.Providers.S3;

/// <summary>Content in several segments, as the upload pipeline's pooled buffers are.</summary>
internal static class SegmentedContent
{
    /// <summary>Content that no other test has.</summary>
    public static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    public static ReadOnlySequence<byte> Cut(byte[] content)
    {
        var first = new Segment(content.AsMemory(0, content.Length / 3), 0);
        var last = new Segment(content.AsMemory(content.Length / 3), content.Length / 3);
        first.Append(last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long before)
        {
            Memory = memory;
            RunningIndex = before;
        }

        public void Append(Segment next) => Next = next;
    }
}
