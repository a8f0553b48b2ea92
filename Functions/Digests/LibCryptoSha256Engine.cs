using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CasFunctions.Digests;

/// <summary>
/// SHA-256 by OpenSSL's low-level functions, which use the processor's SHA instructions. They are deprecated since OpenSSL 3.0
/// but exported, and the only ones that let the state in and out.
/// </summary>
/// <remarks>
/// <c>SHA256_CTX</c> (openssl/sha.h) is 112 bytes: the eight words of the hash value in the processor's order, the bit count (8), a
/// buffer for an incomplete block (64), its fill (4) and the digest's length (4). Only complete blocks are passed, so nothing
/// but the words matters here, and the context lives on the stack for the time of one call.
/// </remarks>
internal sealed unsafe class LibCryptoSha256Engine : Sha256Engine
{
    private const int ContextLength = 112;
    private static readonly string[] LibraryNames = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto"];

    private readonly delegate* unmanaged<void*, int> _init;
    private readonly delegate* unmanaged<void*, void*, nuint, int> _update;

    private LibCryptoSha256Engine(string library, nint init, nint update)
    {
        Name = library;
        _init = (delegate* unmanaged<void*, int>)init;
        _update = (delegate* unmanaged<void*, void*, nuint, int>)update;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>
    /// Finds the library and its functions; null where either is missing. Linux only: macOS ends a process that loads its libcrypto.
    /// </summary>
    public static LibCryptoSha256Engine? TryLoad()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        foreach (var name in LibraryNames)
        {
            // Never freed: the engine stays for the life of the process.
            if (NativeLibrary.TryLoad(name, out var library)
                && NativeLibrary.TryGetExport(library, "SHA256_Init", out var init)
                && NativeLibrary.TryGetExport(library, "SHA256_Update", out var update))
            {
                return new LibCryptoSha256Engine(name, init, update);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public override void Compress(Span<uint> words, ReadOnlySpan<byte> blocks)
    {
        var context = stackalloc uint[ContextLength / sizeof(uint)];
        var contextWords = new Span<uint>(context, words.Length);
        fixed (byte* data = blocks)
        {
            if (_init(context) != 1)
            {
                throw new CryptographicException("SHA256_Init failed.");
            }

            words.CopyTo(contextWords);
            if (_update(context, data, (nuint)blocks.Length) != 1)
            {
                throw new CryptographicException("SHA256_Update failed.");
            }
        }

        contextWords.CopyTo(words);
    }
}
