using CasFunctions.Artifacts;
using CasFunctions.Http;
using CasFunctions.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CasFunctions.Uploads.Appends;

/// <summary>
/// Resumable uploads as draft-ietf-httpbis-resumable-upload describes them: interop version 8 (text of -12), and 5 and 6 (texts of -03 and
/// -05), which tus-js-client speaks.
/// </summary>
public sealed class IetfUploads(UploadService uploads, AppendService appends, Locations locations, UploadLimits limits)
{
    private const string PartialUpload = "application/partial-upload";

    private const long WithoutMediaType = 5;
    private static readonly long[] Versions = [WithoutMediaType, 6, 8];

    /// <summary>True when a request to create an upload speaks this protocol.</summary>
    public static bool Speaks(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Headers.ContainsKey("Upload-Complete") || request.Headers.ContainsKey("Upload-Draft-Interop-Version");
    }

    /// <summary>Creates an upload, and takes what of the content is in the same request.</summary>
    public async Task<IResult> CreateAsync(Caller caller, HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckVersion(request);
        var completes = ReadComplete(request);
        var digest = UploadHeaders.ReadDigest(request, "Repr-Digest")
            ?? throw Problems.InvalidRequest("Repr-Digest", "The request binds the upload to a content: Repr-Digest: sha-256=:<base64>:");
        var size = UploadFields.ReadNumber(request, "Upload-Length") ?? (completes ? request.ContentLength : null)
            ?? throw Problems.InvalidRequest("Upload-Length", "Upload-Length is the content's size in bytes.");
        var wanted = new NewUpload
        {
            Digest = digest.ToString(),
            Size = size,
            Name = ReadName(request),
            MediaType = request.ContentType is PartialUpload or UploadFields.FormMediaType ? null : request.ContentType,
            Backend = request.Query["backend"],
        };
        var offer = await uploads.CreateAsync(caller, wanted, discards: true, locations.Of(request), cancellationToken);
        var session = offer.Session!;
        var response = request.HttpContext.Response;
        response.Headers.Location = session.UploadUrl;
        response.Headers.CacheControl = "no-store";
        response.Headers["Upload-Limit"] = limits.Of(session);
        var result = UploadFields.HasBody(request) || size == 0
            ? await appends.AppendAsync(UploadFields.IdOf(session), Read(request, 0, completes), locations.Of(request))
            : null;
        return Answer(response, result?.Session.Offset ?? 0, result?.Descriptor, StatusCodes.Status201Created);
    }

    /// <summary>Appends to an upload.</summary>
    public async Task<IResult> AppendAsync(string id, HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var version = CheckVersion(request);
        if (request.ContentType != PartialUpload && !(version == WithoutMediaType && string.IsNullOrEmpty(request.ContentType)))
        {
            throw new ProblemException(
                415,
                "unsupported-media-type",
                "The media type is not taken",
                $"An append has Content-Type: {PartialUpload}.")
            {
                Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Accept-Patch"] = PartialUpload },
            };
        }

        var offset = UploadFields.ReadNumber(request, "Upload-Offset")
            ?? throw Problems.InvalidRequest("Upload-Offset", "Upload-Offset says where the body begins.");
        var append = Read(request, offset, ReadComplete(request));
        var declared = new DeclaredContent(
            UploadHeaders.ReadDigest(request, "Repr-Digest"),
            UploadFields.ReadNumber(request, "Upload-Length"));
        var result = await appends.AppendAsync(id, append with { Declared = declared }, locations.Of(request));
        return Answer(request.HttpContext.Response, result.Session.Offset, result.Descriptor, StatusCodes.Status204NoContent);
    }

    /// <summary>Says how far an upload is.</summary>
    public async Task<IResult> HeadAsync(string id, HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckVersion(request);
        var session = (await appends.FindAsync(id, locations.Of(request), cancellationToken)).Session;
        var headers = request.HttpContext.Response.Headers;
        headers.CacheControl = "no-store";
        headers["Upload-Offset"] = StructuredFields.Write(session.Offset);
        headers["Upload-Length"] = StructuredFields.Write(session.Size);
        headers["Upload-Complete"] = StructuredFields.Write(session.Status == UploadStatus.Committed);
        headers["Upload-Limit"] = limits.Of(session);
        return Results.NoContent();
    }

    private static long? CheckVersion(HttpRequest request)
    {
        var version = UploadFields.ReadNumber(request, "Upload-Draft-Interop-Version");
        return version is null || Versions.Contains(version.Value)
            ? version
            : throw Problems.InvalidRequest(
                "Upload-Draft-Interop-Version",
                "This service speaks the interop versions 5, 6 and 8 of resumable uploads.");
    }

    private static bool ReadComplete(HttpRequest request) =>
        StructuredFields.TryParseBoolean(request.Headers["Upload-Complete"], out var complete)
            ? complete
            : throw Problems.InvalidRequest(
                "Upload-Complete",
                "Upload-Complete is ?1 when the content ends with this request, ?0 when more follows.");

    private static string? ReadName(HttpRequest request) =>
        ContentDispositionHeaderValue.TryParse(request.Headers.ContentDisposition.ToString(), out var disposition)
            ? HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value
            : null;

    private static AppendRequest Read(HttpRequest request, long offset, bool completes)
    {
        UploadHeaders.RefuseEncoding(request);
        var checksum = UploadHeaders.ReadDigest(request, "Content-Digest") is { } digest
            ? new AppendChecksum(digest, AppendProblems.WrongBody)
            : null;
        return new AppendRequest(offset, completes, UploadFields.LengthOf(request), checksum, request.BodyReader);
    }

    private static IResult Answer(HttpResponse response, long offset, ResourceDescriptor? descriptor, int status)
    {
        response.Headers["Upload-Offset"] = StructuredFields.Write(offset);
        response.Headers["Upload-Complete"] = StructuredFields.Write(descriptor is not null);
        return descriptor is null
            ? Results.StatusCode(status)
            : Results.Json(descriptor, JsonAnswer.Types.ResourceDescriptor, statusCode: StatusCodes.Status201Created);
    }
}
