using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace CasFunctions.Console;

/// <summary>One file of the web console, plain and compressed.</summary>
public sealed class ConsoleFile
{
    private readonly ConsoleContent _plain;
    private readonly Lazy<ConsoleContent> _brotli;
    private readonly Lazy<ConsoleContent> _gzip;

    /// <summary>Makes a file. It is compressed when a client first asks for that, once.</summary>
    /// <param name="mediaType">Its media type.</param>
    /// <param name="keepsForEver">Whether its name changes with its content.</param>
    /// <param name="bytes">Its content.</param>
    public ConsoleFile(string mediaType, bool keepsForEver, byte[] bytes)
    {
        MediaType = mediaType;
        KeepsForEver = keepsForEver;
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));
        _plain = new(bytes, null, $"\"{hash}\"");
        _brotli = new(() => Smaller("br", hash, target => new BrotliStream(target, CompressionLevel.SmallestSize, leaveOpen: true)));
        _gzip = new(() => Smaller("gzip", hash, target => new GZipStream(target, CompressionLevel.SmallestSize, leaveOpen: true)));
    }

    /// <summary>The media type.</summary>
    public string MediaType { get; }

    /// <summary>Whether the name changes with the content, so that a client need never ask again.</summary>
    public bool KeepsForEver { get; }

    /// <summary>The smallest form that a client takes. A client that names no coding gets the plain one.</summary>
    /// <param name="accepted">The request's Accept-Encoding.</param>
    public ConsoleContent Choose(IList<StringWithQualityHeaderValue> accepted)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        return Takes("br") ? _brotli.Value : Takes("gzip") ? _gzip.Value : _plain;

        bool Takes(string coding) =>
            accepted.Any(value => value.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && value.Quality is null or > 0);
    }

    private ConsoleContent Smaller(string coding, string hash, Func<Stream, Stream> compress)
    {
        var target = new MemoryStream();
        using (var compressor = compress(target))
        {
            compressor.Write(_plain.Bytes.Span);
        }

        return target.Length < _plain.Bytes.Length ? new(target.ToArray(), coding, $"\"{hash}-{coding}\"") : _plain;
    }
}

/// <summary>A form of a file as it is sent.</summary>
/// <param name="Bytes">What is sent.</param>
/// <param name="Coding">Its content coding; null for none.</param>
/// <param name="ETag">Its strong entity tag, which no other form has.</param>
public sealed record ConsoleContent(ReadOnlyMemory<byte> Bytes, string? Coding, string ETag);
