namespace CasFunctions.Digests;

/// <summary>
/// One way to run SHA-256's compression function. <see cref="ContentHash"/> keeps the state, cuts the blocks and pads, so all
/// engines share one state and can continue each other's work. Engines hold no state and are safe for use by several threads.
/// </summary>
public abstract class Sha256Engine
{
    /// <summary>The engine in plain C#, there on every platform.</summary>
    public static Sha256Engine Managed { get; } = new ManagedSha256Engine();

    /// <summary>
    /// OpenSSL's engine, several times faster; null where its library is missing. Not yet tested: <see cref="Default"/> is.
    /// </summary>
    public static Sha256Engine? LibCrypto { get; } = LibCryptoSha256Engine.TryLoad();

    private static readonly Lazy<Sha256Engine> Chosen = new(() => LibCrypto is null ? Choose(Managed) : Choose(LibCrypto, Managed));

    /// <summary>The fastest engine that passes the self-test; tested once, at the first use.</summary>
    /// <exception cref="InvalidOperationException">No engine passes.</exception>
    public static Sha256Engine Default => Chosen.Value;

    /// <summary>A name for logs.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Gives the first engine that passes the self-test: the vectors of FIPS 180-4, and a hash taken up in the middle of a block.
    /// </summary>
    /// <exception cref="InvalidOperationException">None passes: better no service than wrong digests.</exception>
    public static Sha256Engine Choose(params ReadOnlySpan<Sha256Engine> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (Sha256SelfTest.Passes(candidate))
            {
                return candidate;
            }
        }

        throw new InvalidOperationException("No SHA-256 engine passes the self-test.");
    }

    /// <summary>Runs the compression function over complete blocks.</summary>
    /// <param name="words">The eight words of the hash value, brought up to date in place.</param>
    /// <param name="blocks">Content; its length is a multiple of 64 and not zero.</param>
    public abstract void Compress(Span<uint> words, ReadOnlySpan<byte> blocks);
}
