using CasFunctions.Digests;

namespace CasFunctions.Cli.Uploads;

/// <summary>A request for an upload session.</summary>
internal sealed record NewUpload
{
    /// <summary>The content's digest.</summary>
    public required string Digest { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Its name, for people.</summary>
    public string? Name { get; init; }

    /// <summary>Its media type.</summary>
    public string? MediaType { get; init; }

    /// <summary>The backend it shall go to; the default unless told.</summary>
    public string? Backend { get; init; }
}

/// <summary>What became of an upload.</summary>
/// <param name="Digest">The content's digest.</param>
/// <param name="Descriptor">The service's descriptor of the artifact, byte for byte.</param>
/// <param name="Sent">How many bytes were sent in the end, repetitions included.</param>
/// <param name="Existed">True when the service had the content already.</param>
internal sealed record UploadResult(Sha256Digest Digest, byte[] Descriptor, long Sent, bool Existed);
