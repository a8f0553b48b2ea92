using System.IO.Pipelines;
using CasFunctions.Artifacts;
using CasFunctions.Digests;
using CasFunctions.Http;

namespace CasFunctions.Uploads.Appends;

/// <summary>A request that brings more of a content, whatever protocol it speaks.</summary>
/// <param name="Offset">Where its first byte belongs in the content.</param>
/// <param name="Completes">Whether the client says that the content ends with this body; null where the protocol does not say.</param>
/// <param name="Length">The body's length in bytes; null when only its end will tell.</param>
/// <param name="Checksum">The SHA-256 that the body must have: then it counts whole or not at all.</param>
/// <param name="Body">The body.</param>
public sealed record AppendRequest(long Offset, bool? Completes, long? Length, AppendChecksum? Checksum, PipeReader Body)
{
    /// <summary>What the request says of the whole content.</summary>
    public DeclaredContent Declared { get; init; } = new(null, null);
}

/// <summary>What an append says of the whole content, which must be what the session is bound to.</summary>
/// <param name="Digest">Its digest; null when it says none.</param>
/// <param name="Size">Its size in bytes; null when it says none.</param>
public sealed record DeclaredContent(Sha256Digest? Digest, long? Size);

/// <summary>A checksum of one body.</summary>
/// <param name="Digest">The SHA-256 that it must have.</param>
/// <param name="Mismatch">Makes the answer for a body that has another.</param>
public sealed record AppendChecksum(Sha256Digest Digest, Func<ProblemException> Mismatch);

/// <summary>Where a session is after an append.</summary>
/// <param name="Session">The session.</param>
/// <param name="Descriptor">The stored content's descriptor once it is complete; null before.</param>
public sealed record AppendResult(UploadSession Session, ResourceDescriptor? Descriptor);
