using CasFunctions.Digests;

namespace CasFunctions.Tests.Soak;

/// <summary>A content that can be made again from two numbers, so that nobody has to keep it.</summary>
internal sealed class SoakContent
{
    private const int BlockSize = 256 * 1024;
    private const int Part = 8 * 1024 * 1024;

    private readonly int _seed;

    private SoakContent(int seed, int size)
    {
        _seed = seed;
        Size = size;
        Digest = Sha256Digest.Of(Bytes());
    }

    /// <summary>Size in bytes.</summary>
    public int Size { get; }

    /// <summary>Its digest.</summary>
    public Sha256Digest Digest { get; }

    /// <summary>Makes up a content that nobody else has, unless it is tiny.</summary>
    public static SoakContent Create(Random random, int size) => new(random.Next(), size);

    /// <summary>Chooses a size: most are small, many are at the edge of a part.</summary>
    /// <param name="random">Chooses.</param>
    /// <param name="largest">The largest size in bytes.</param>
    public static int ChooseSize(Random random, int largest) => random.Next(100) switch
    {
        < 3 => 0,
        < 7 => 1,
        < 40 => random.Next(2, 10_000),
        < 80 => random.Next(10_000, 1_000_000),
        < 87 => Part + random.Next(-1, 2),
        < 90 => (2 * Part) + random.Next(-1, 2),
        < 96 => random.Next(1_000_000, 3 * Part),
        _ => random.Next(3 * Part, largest + 1),
    };

    /// <summary>The bytes: a block over and over, each time marked with its number.</summary>
    public byte[] Bytes()
    {
        var block = new byte[Math.Min(BlockSize, Size)];
        new Random(_seed).NextBytes(block);
        var bytes = new byte[Size];
        for (var (offset, number) = (0, 0L); offset < Size; offset += BlockSize, number++)
        {
            var part = bytes.AsSpan(offset, Math.Min(BlockSize, Size - offset));
            block.AsSpan(0, part.Length).CopyTo(part);
            if (number > 0)
            {
                BitConverter.TryWriteBytes(part, number);
            }
        }

        return bytes;
    }
}
