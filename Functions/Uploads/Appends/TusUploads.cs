using System.Globalization;
using CasFunctions.Artifacts;
using CasFunctions.Backends;
using CasFunctions.Http;
using CasFunctions.Security;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Uploads.Appends;

/// <summary>
/// Resumable uploads by tus 1.0 (tus.io): the core with the extensions creation, creation-with-upload, expiration, termination and
/// checksum. The metadata key <c>digest</c> binds an upload to its content; <c>filename</c> and <c>filetype</c> are optional.
/// </summary>
public sealed class TusUploads(UploadService uploads, AppendService appends, Locations locations)
{
    /// <summary>The field with the method that a POST stands for.</summary>
    public const string MethodOverride = "X-HTTP-Method-Override";

    private const string Version = "1.0.0";
    private const string VersionField = "Tus-Resumable";
    private const string AppendMediaType = "application/offset+octet-stream";
    private const int ChecksumMismatch = 460;

    /// <summary>True when a request speaks this protocol. Has the answer say so too.</summary>
    /// <exception cref="ProblemException">412: it speaks another version, or does not say which.</exception>
    public static bool Speaks(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.Headers.ContainsKey(VersionField) && request.ContentType != AppendMediaType)
        {
            return false;
        }

        request.HttpContext.Response.Headers[VersionField] = Version;
        return request.Headers[VersionField] == Version
            ? true
            : throw new ProblemException(412, "tus-version", "The version of tus is not spoken", $"This service speaks tus {Version}.")
            {
                Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Tus-Version"] = Version },
                Hint = $"Send {VersionField}: {Version}.",
            };
    }

    /// <summary>Tells what of tus the service speaks.</summary>
    public static void WriteOptions(HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.Headers[VersionField] = Version;
        response.Headers["Tus-Version"] = Version;
        response.Headers["Tus-Extension"] = "creation,creation-with-upload,expiration,termination,checksum";
        response.Headers["Tus-Max-Size"] = StructuredFields.Write(BackendChanges.HighestMaxBytes);
        response.Headers["Tus-Checksum-Algorithm"] = TusChecksum.Algorithms;
    }

    /// <summary>Creates an upload, and takes what of the content is in the same request.</summary>
    public async Task<IResult> CreateAsync(Caller caller, HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var size = UploadFields.ReadNumber(request, "Upload-Length")
            ?? throw Problems.InvalidRequest("Upload-Length", "Upload-Length is the content's size in bytes; it can't be told later.");
        if (!UploadMetadata.TryParse(request.Headers["Upload-Metadata"], out var metadata))
        {
            throw Problems.InvalidRequest(
                "Upload-Metadata",
                "Upload-Metadata is pairs of a key and a value in base64, separated by commas.");
        }

        var hasBody = UploadFields.HasBody(request);
        if (hasBody)
        {
            CheckMediaType(request);
        }

        var wanted = new NewUpload
        {
            Digest = metadata.GetValueOrDefault("digest")
                ?? throw Problems.InvalidRequest(
                    "Upload-Metadata",
                    "The metadata 'digest' binds the upload to a content: sha256:<hex>, in base64."),
            Size = size,
            Name = NullIfEmpty(metadata.GetValueOrDefault("filename")),
            MediaType = NullIfEmpty(metadata.GetValueOrDefault("filetype")),
            Backend = request.Query["backend"],
        };
        var session = (await uploads.CreateAsync(caller, wanted, discards: true, locations.Of(request), cancellationToken)).Session!;
        var response = request.HttpContext.Response;
        response.Headers.Location = session.UploadUrl;
        WriteExpiry(response, session.ExpiresAt);
        if (hasBody || size == 0)
        {
            var result = await appends.AppendAsync(UploadFields.IdOf(session), Read(request, 0), locations.Of(request));
            WriteOffset(response, result.Session);
        }

        return Results.StatusCode(StatusCodes.Status201Created);
    }

    /// <summary>Appends to an upload.</summary>
    public async Task<IResult> AppendAsync(string id, HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckMediaType(request);
        var offset = UploadFields.ReadNumber(request, "Upload-Offset")
            ?? throw Problems.InvalidRequest("Upload-Offset", "Upload-Offset says where the body begins.");
        var result = await appends.AppendAsync(id, Read(request, offset), locations.Of(request));
        WriteOffset(request.HttpContext.Response, result.Session);
        return Results.NoContent();
    }

    /// <summary>Says how far an upload is.</summary>
    public async Task<IResult> HeadAsync(string id, HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var session = (await appends.FindAsync(id, locations.Of(request), cancellationToken)).Session;
        var response = request.HttpContext.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers["Upload-Length"] = StructuredFields.Write(session.Size);
        response.Headers["Upload-Metadata"] = UploadMetadata.Write(
            ("digest", session.Digest.ToString()), ("filename", session.Name), ("filetype", session.MediaType));
        WriteOffset(response, session);
        return Results.Ok();
    }

    private static void WriteOffset(HttpResponse response, UploadSession session)
    {
        response.Headers["Upload-Offset"] = StructuredFields.Write(session.Offset);
        WriteExpiry(response, session.ExpiresAt);
    }

    private static void WriteExpiry(HttpResponse response, DateTimeOffset expiresAt) =>
        response.Headers["Upload-Expires"] = expiresAt.ToString("r", CultureInfo.InvariantCulture);

    private static void CheckMediaType(HttpRequest request)
    {
        if (request.ContentType != AppendMediaType)
        {
            throw new ProblemException(
                415,
                "unsupported-media-type",
                "The media type is not taken",
                $"Content is sent with Content-Type: {AppendMediaType}.");
        }
    }

    private static AppendRequest Read(HttpRequest request, long offset)
    {
        UploadHeaders.RefuseEncoding(request);
        var checksum = TusChecksum.Parse(request.Headers["Upload-Checksum"]);
        return checksum.State switch
        {
            DigestFieldState.Malformed =>
                throw Problems.InvalidRequest("Upload-Checksum", "Upload-Checksum is 'sha256', a blank, and the checksum in base64."),
            DigestFieldState.Unsupported =>
                throw Problems.InvalidRequest("Upload-Checksum", "The only algorithm of Upload-Checksum is sha256."),
            var state => new AppendRequest(
                offset,
                null,
                UploadFields.LengthOf(request),
                state == DigestFieldState.Present ? new AppendChecksum(checksum.Digest, WrongChecksum) : null,
                request.BodyReader),
        };
    }

    private static ProblemException WrongChecksum() =>
        new(
            ChecksumMismatch,
            "checksum-mismatch",
            "The body does not have its checksum",
            "The body's SHA-256 differs from Upload-Checksum. It does not count.")
        {
            Hint = "Send the same bytes again.",
        };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
