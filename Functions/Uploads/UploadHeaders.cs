using CasFunctions.Digests;
using CasFunctions.Http;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Uploads;

/// <summary>Compares what a request's header says of its content with what the upload is bound to, before a byte is read.</summary>
public static class UploadHeaders
{
    /// <summary>Checks the header of a request that carries a whole content.</summary>
    /// <param name="request">The request.</param>
    /// <param name="digest">The digest that the content must have.</param>
    /// <param name="size">The size that it must have; null when only the header says it.</param>
    /// <exception cref="ProblemException">The header contradicts the declaration, or the body is encoded.</exception>
    public static void Check(HttpRequest request, Sha256Digest digest, long? size)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (size is { } declared && request.ContentLength is { } length && length != declared)
        {
            throw Problems.SizeMismatch(declared, $"The request carries {length} bytes, the upload was declared with {declared}.");
        }

        RefuseEncoding(request);
        CheckDigest(request, "Content-Digest", digest);
        CheckDigest(request, "Repr-Digest", digest);
    }

    /// <summary>Refuses a body that is encoded: digests are of the content as it is.</summary>
    public static void RefuseEncoding(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Headers.ContentEncoding.Count > 0)
        {
            throw new ProblemException(
                415,
                "content-encoding",
                "Encoded content is not taken",
                "The content must be sent as it is, without Content-Encoding.");
        }
    }

    /// <summary>Reads a digest field; null when it has no SHA-256.</summary>
    /// <exception cref="ProblemException">400: it is malformed.</exception>
    public static Sha256Digest? ReadDigest(HttpRequest request, string field)
    {
        ArgumentNullException.ThrowIfNull(request);
        var parsed = DigestFields.Parse(request.Headers[field]);
        return parsed.State switch
        {
            DigestFieldState.Malformed => throw Problems.InvalidRequest(field, $"{field} is malformed. It reads: sha-256=:<base64>:"),
            DigestFieldState.Present => parsed.Digest,
            _ => null,
        };
    }

    private static void CheckDigest(HttpRequest request, string field, Sha256Digest digest)
    {
        if (ReadDigest(request, field) is { } told && told != digest)
        {
            throw Problems.ContradictingDigest(field);
        }
    }
}
