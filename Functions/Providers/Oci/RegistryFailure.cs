using System.Globalization;
using System.Net;
using System.Text.Json;

namespace CasFunctions.Providers.Oci;

/// <summary>Puts a registry's refusal into plain words.</summary>
internal static class RegistryFailure
{
    private const int MaxErrorBytes = 16 * 1024;
    private const int MaxCodeLength = 40;

    /// <summary>
    /// Reads the refusal and disposes of the answer.
    /// </summary>
    /// <param name="transport">Reads the body.</param>
    /// <param name="response">An answer without success.</param>
    /// <param name="task">What was tried, as in "The registry ghcr.io does not let us …".</param>
    /// <param name="authenticated">True when credentials are known, so that a refusal means their rights.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<ProviderException> ReadAsync(
        RegistryTransport transport, HttpResponseMessage response, string task, bool authenticated, CancellationToken cancellationToken)
    {
        using (response)
        {
            var code = await ReadCodeAsync(transport, response, cancellationToken);
            var (kind, reason) = Judge(response, code, authenticated);
            var host = response.RequestMessage?.RequestUri?.Authority;
            var detail = code is null ? Status(response) : $"{Status(response)}, {code}";
            return new ProviderException(kind, $"{host} does not {task}: {reason} ({detail}).")
            {
                RetryAfter = RetryAfter(response, transport.Time),
            };
        }
    }

    /// <summary>True for statuses that may pass by themselves.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
        && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported);

    /// <summary>What <c>Retry-After</c> asks for, never negative.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var field = response.Headers.RetryAfter;
        var delay = field?.Delta ?? (field?.Date - time.GetUtcNow());
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    private static (ProviderErrorKind Kind, string Reason) Judge(HttpResponseMessage response, string? code, bool authenticated) =>
        response.StatusCode switch
        {
            HttpStatusCode.Unauthorized when !authenticated => (ProviderErrorKind.CredentialsRefused, "it asks for credentials"),

            // RFC 6750: the token is good and lacks a right.
            HttpStatusCode.Unauthorized when RegistryAuthenticator.LacksScope(response) =>
                (ProviderErrorKind.Forbidden, "the credentials lack the right"),
            HttpStatusCode.Unauthorized => (ProviderErrorKind.CredentialsRefused, "it refuses the credentials"),
            HttpStatusCode.Forbidden => (ProviderErrorKind.Forbidden, "the credentials lack the right"),
            HttpStatusCode.NotFound when code is "BLOB_UNKNOWN" or "MANIFEST_BLOB_UNKNOWN" or "MANIFEST_UNKNOWN" =>
                (ProviderErrorKind.BlobNotFound, "it has no such content"),
            HttpStatusCode.NotFound when code is "BLOB_UPLOAD_UNKNOWN" or "BLOB_UPLOAD_INVALID" =>
                (ProviderErrorKind.UploadLost, "it no longer knows the upload"),
            HttpStatusCode.NotFound => (ProviderErrorKind.Misconfigured, "the repository does not exist there"),
            HttpStatusCode.BadRequest when code is "BLOB_UNKNOWN" or "MANIFEST_BLOB_UNKNOWN" =>
                (ProviderErrorKind.BlobNotFound, "it has no such content"),
            HttpStatusCode.BadRequest when code is "DIGEST_INVALID" or "SIZE_INVALID" =>
                (ProviderErrorKind.Rejected, "the content does not match its digest or size"),
            HttpStatusCode.BadRequest when code is "NAME_INVALID" or "NAME_UNKNOWN" =>
                (ProviderErrorKind.Misconfigured, "it does not accept the repository's name"),
            HttpStatusCode.BadRequest when code is "BLOB_UPLOAD_UNKNOWN" or "BLOB_UPLOAD_INVALID" =>
                (ProviderErrorKind.UploadLost, "it no longer knows the upload"),
            HttpStatusCode.RequestEntityTooLarge => (ProviderErrorKind.Rejected, "the content is too large for it"),
            HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented =>
                (ProviderErrorKind.Misconfigured, "it does not offer this, or is read-only"),
            HttpStatusCode.TooManyRequests => (ProviderErrorKind.Unavailable, "it gets too many requests"),
            var status when IsTransient(status) => (ProviderErrorKind.Unavailable, "it can't serve now"),
            _ => (ProviderErrorKind.Unexpected, "it gives an answer that the protocol doesn't foresee"),
        };

    private static string Status(HttpResponseMessage response) => ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);

    /// <summary>The first error code in the body, or null where there is none that looks like one.</summary>
    private static async Task<string?> ReadCodeAsync(
        RegistryTransport transport, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // Some registries answer 416 with a length that their body doesn't have.
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return null;
        }

        try
        {
            var body = await transport.ReadAsync(response, MaxErrorBytes, cancellationToken);
            var code = JsonSerializer.Deserialize(body, OciJson.Default.RegistryErrors)?.Errors is [{ } first, ..] ? first.Code : null;
            return code is { Length: > 0 and <= MaxCodeLength } && code.All(c => c is '_' || char.IsAsciiLetterOrDigit(c)) ? code : null;
        }
        catch (Exception e) when (e is JsonException or ProviderException)
        {
            return null;
        }
    }
}
