using System.Buffers;
using System.Runtime.InteropServices;
using CasFunctions.Http;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Http;

/// <summary>The memory of Kestrel's connections: reused while it is wanted, bounded, and let go of afterwards.</summary>
public sealed class ConnectionMemoryTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryPool<byte> _pool;

    public ConnectionMemoryTests() => _pool = new ConnectionMemory(_time).Create();

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void Blocks_are_large_and_larger_ones_are_not_to_be_had()
    {
        using var block = _pool.Rent(4096);

        Assert.Equal(ConnectionMemory.BlockSize, block.Memory.Length);
        Assert.Equal(ConnectionMemory.BlockSize, _pool.MaxBufferSize);
        Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Rent(ConnectionMemory.BlockSize + 1));
    }

    [Fact]
    public void A_block_that_came_back_is_the_next_ones_and_is_in_nobody_elses_hands()
    {
        var first = _pool.Rent();
        var array = ArrayOf(first);
        first.Dispose();
        first.Dispose();

        using var second = _pool.Rent();
        using var third = _pool.Rent();

        Assert.Same(array, ArrayOf(second));
        Assert.NotSame(array, ArrayOf(third));
        Assert.Throws<ObjectDisposedException>(() => first.Memory);
    }

    [Fact]
    public void Blocks_that_nobody_wants_are_let_go_of_and_the_others_stay()
    {
        var wanted = _pool.Rent();
        var unwanted = _pool.Rent();
        var (kept, dropped) = (ArrayOf(wanted), ArrayOf(unwanted));
        unwanted.Dispose();
        wanted.Dispose();
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(Interval);
            _pool.Rent().Dispose();
        }

        using var first = _pool.Rent();
        using var second = _pool.Rent();

        Assert.Same(kept, ArrayOf(first));
        Assert.NotSame(dropped, ArrayOf(second));
    }

    [Fact]
    public void After_a_burst_a_bounded_number_of_blocks_is_kept_and_none_when_it_stays_quiet()
    {
        var burst = RentAll();
        var known = RentAll();
        Assert.Equal(256, known.Count(burst.Contains));

        known.UnionWith(burst);
        _time.Advance(Interval);
        _time.Advance(Interval);

        Assert.DoesNotContain(RentAll(), known.Contains);

        HashSet<byte[]> RentAll()
        {
            var blocks = Enumerable.Range(0, 400).Select(_ => _pool.Rent()).ToList();
            var arrays = blocks.Select(ArrayOf).ToHashSet<byte[]>(ReferenceEqualityComparer.Instance);
            blocks.ForEach(block => block.Dispose());
            return arrays;
        }
    }

    private static byte[] ArrayOf(IMemoryOwner<byte> block)
    {
        Assert.True(MemoryMarshal.TryGetArray<byte>(block.Memory, out var segment));
        return segment.Array!;
    }
}
