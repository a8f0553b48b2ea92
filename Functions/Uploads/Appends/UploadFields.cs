using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CasFunctions.Uploads.Appends;

/// <summary>Header fields that several ways of uploading have.</summary>
internal static class UploadFields
{
    /// <summary>curl's media type for a body without one; it says nothing of the content.</summary>
    public const string FormMediaType = "application/x-www-form-urlencoded";

    /// <summary>Reads a number of bytes or of a version; null when the field is absent.</summary>
    /// <exception cref="ProblemException">400: it is no number.</exception>
    public static long? ReadNumber(HttpRequest request, string field)
    {
        var values = request.Headers[field];
        if (values.Count == 0)
        {
            return null;
        }

        return StructuredFields.TryParseInteger(values, out var number) && number >= 0
            ? number
            : throw Problems.InvalidRequest(field, $"{field} is one whole number.");
    }

    /// <summary>The body's length where the header tells it.</summary>
    public static long? LengthOf(HttpRequest request) => request.ContentLength ?? (HasBody(request) ? null : 0);

    /// <summary>True when the request has a body, or may have one.</summary>
    public static bool HasBody(HttpRequest request) =>
        request.ContentLength is { } length
            ? length > 0
            : request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;

    /// <summary>The id in a new session's address.</summary>
    public static string IdOf(UploadDocument session) => session.UploadUrl![(session.UploadUrl!.LastIndexOf('/') + 1)..];
}
