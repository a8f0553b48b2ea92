using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace CasFunctions.Digests;

/// <summary>SHA-256's compression function (FIPS 180-4, 6.2.2) in plain C#. Variables are named as in the standard.</summary>
internal sealed class ManagedSha256Engine : Sha256Engine
{
    /// <inheritdoc/>
    public override string Name => "managed";

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
    private static ReadOnlySpan<uint> K =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <inheritdoc/>
    // Compiled at full optimization at once: the loops below run long within their first call.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compress(Span<uint> words, ReadOnlySpan<byte> blocks)
    {
        Span<uint> w = stackalloc uint[64];
        for (; !blocks.IsEmpty; blocks = blocks[ContentHash.BlockLength..])
        {
            Schedule(blocks, w);
            Rounds(words, w);
        }
    }

    // The message schedule.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Schedule(ReadOnlySpan<byte> block, Span<uint> w)
    {
        for (var t = 0; t < 16; t++)
        {
            w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        }

        for (var t = 16; t < w.Length; t++)
        {
            w[t] = SmallSigma1(w[t - 2]) + w[t - 7] + SmallSigma0(w[t - 15]) + w[t - 16];
        }
    }

    // Eight rounds at a time: after eight, every variable is back in its own place, so none has to be moved.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds(Span<uint> words, ReadOnlySpan<uint> w)
    {
        uint a = words[0], b = words[1], c = words[2], d = words[3], e = words[4], f = words[5], g = words[6], h = words[7];
        for (var t = 0; t < 64; t += 8)
        {
            var wt = w.Slice(t, 8);
            var k = K.Slice(t, 8);
            h += T1(e, f, g, k[0] + wt[0]);
            d += h;
            h += T2(a, b, c);
            g += T1(d, e, f, k[1] + wt[1]);
            c += g;
            g += T2(h, a, b);
            f += T1(c, d, e, k[2] + wt[2]);
            b += f;
            f += T2(g, h, a);
            e += T1(b, c, d, k[3] + wt[3]);
            a += e;
            e += T2(f, g, h);
            d += T1(a, b, c, k[4] + wt[4]);
            h += d;
            d += T2(e, f, g);
            c += T1(h, a, b, k[5] + wt[5]);
            g += c;
            c += T2(d, e, f);
            b += T1(g, h, a, k[6] + wt[6]);
            f += b;
            b += T2(c, d, e);
            a += T1(f, g, h, k[7] + wt[7]);
            e += a;
            a += T2(b, c, d);
        }

        words[0] += a;
        words[1] += b;
        words[2] += c;
        words[3] += d;
        words[4] += e;
        words[5] += f;
        words[6] += g;
        words[7] += h;
    }

    // The standard's T1 without its h, which the caller adds to: Σ1(e) + Ch(e, f, g) + K + W.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint T1(uint e, uint f, uint g, uint kw) =>
        (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + (g ^ (e & (f ^ g))) + kw;

    // The standard's T2: Σ0(a) + Maj(a, b, c).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint T2(uint a, uint b, uint c) =>
        (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + ((a & b) | (c & (a | b)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint SmallSigma0(uint x) => BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint SmallSigma1(uint x) => BitOperations.RotateRight(x, 17) ^ BitOperations.RotateRight(x, 19) ^ (x >> 10);
}
