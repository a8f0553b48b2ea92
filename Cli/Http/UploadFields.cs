using System.Globalization;

namespace CasFunctions.Cli.Http;

/// <summary>Header fields of "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload), as structured fields write them (RFC 9651).</summary>
internal static class UploadFields
{
    /// <summary>The media type of an append.</summary>
    public const string MediaType = "application/partial-upload";

    /// <summary>Where the upload stands, in bytes; null when the answer doesn't say.</summary>
    public static long? Offset(HttpResponseMessage response) =>
        Read(response, "Upload-Offset") is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : null;

    /// <summary>True when the service has the whole content.</summary>
    public static bool IsComplete(HttpResponseMessage response) => Read(response, "Upload-Complete") == "?1";

    /// <summary>Most bytes that one append may have; null when there is no such limit.</summary>
    public static long? MaxAppend(HttpResponseMessage response) =>
        Read(response, "Upload-Limit")?.Split(',', StringSplitOptions.TrimEntries)
            .Select(member => member.Split('='))
            .Where(member => member is ["max-append-size", _])
            .Select(member => long.TryParse(member[1].Split(';')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : (long?)null)
            .FirstOrDefault();

    private static string? Read(HttpResponseMessage response, string field) =>
        response.Headers.TryGetValues(field, out var values) ? string.Join(", ", values) : null;
}
