using CasFunctions.Digests;
using CasFunctions.Http;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Artifacts;

/// <summary>Status and header fields of an answer with content (RFC 9110 sections 13 and 14, RFC 9530).</summary>
/// <param name="Status">The status.</param>
/// <param name="Range">The bytes to send; null when the answer has no body.</param>
/// <param name="Fields">The header fields.</param>
public sealed record ContentHead(int Status, ByteRange? Range, IReadOnlyDictionary<string, string> Fields)
{
    private const string DefaultMediaType = "application/octet-stream";

    /// <summary>
    /// Decides by the request's conditions and range. Content under a digest never changes, so that it may be cached for ever.
    /// </summary>
    /// <exception cref="ProblemException">412 or 416.</exception>
    public static ContentHead Of(HttpRequest request, Sha256Digest digest, ArtifactCopy copy)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(copy);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ETag"] = EntityTags.Of(digest),
            ["Cache-Control"] = "private, max-age=31536000, immutable",
            ["Accept-Ranges"] = "bytes",
        };
        var headers = request.Headers;
        if (!EntityTags.IfMatchHolds(headers.IfMatch, digest))
        {
            throw new ProblemException(412, "precondition-failed", "A precondition failed", "If-Match names another content.");
        }

        if (!EntityTags.IfNoneMatchHolds(headers.IfNoneMatch, digest))
        {
            return new ContentHead(StatusCodes.Status304NotModified, null, fields);
        }

        var label = copy.Labels.Count > 0 ? copy.Labels[^1] : null;
        var name = request.Query["filename"] is { Count: 1 } wanted ? wanted[0] : label?.Name;
        fields["Content-Type"] = label?.MediaType ?? DefaultMediaType;
        fields["Content-Disposition"] = ContentDisposition.Attachment(name, digest);
        fields["Content-Security-Policy"] = "sandbox; default-src 'none'";
        fields["Repr-Digest"] = DigestFields.Write(digest);

        // Ranges are defined for GET alone (RFC 9110, section 14.2).
        var asked = HttpMethods.IsGet(request.Method) && EntityTags.IfRangeHolds(headers.IfRange, digest) ? (string?)headers.Range : null;
        var range = ByteRange.Parse(asked, copy.Size);
        if (range.Kind == ByteRangeKind.Unsatisfiable)
        {
            throw new ProblemException(
                416, "range-not-satisfiable", "The range is outside of the content", $"The content has {copy.Size} bytes.")
            {
                Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Content-Range"] = range.ContentRange! },
            };
        }

        if (range.ContentRange is not { } partial)
        {
            return new ContentHead(StatusCodes.Status200OK, range, fields);
        }

        fields["Content-Range"] = partial;
        return new ContentHead(StatusCodes.Status206PartialContent, range, fields);
    }

    /// <summary>The same with other fields besides, or in place of its own.</summary>
    public ContentHead With(IReadOnlyDictionary<string, string>? fields)
    {
        if (fields is null)
        {
            return this;
        }

        var all = new Dictionary<string, string>(Fields, StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            all[name] = value;
        }

        return this with { Fields = all };
    }
}

/// <summary>Writes a <see cref="ContentHead"/> and the content after it.</summary>
/// <param name="head">Status and header fields.</param>
/// <param name="send">Sends the body; null for none.</param>
public sealed class ContentResult(ContentHead head, Func<HttpContext, Task>? send) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = head.Status;
        foreach (var (name, value) in head.Fields)
        {
            response.Headers[name] = value;
        }

        if (head.Range is { } range)
        {
            response.ContentLength = range.Length;
        }

        if (send is null)
        {
            return;
        }

        try
        {
            await send(httpContext);
        }
        catch (Exception failure) when (
            httpContext.RequestAborted.IsCancellationRequested && failure is OperationCanceledException or IOException)
        {
            httpContext.Abort();
        }
    }
}
