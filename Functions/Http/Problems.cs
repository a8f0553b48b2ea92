using System.Globalization;

namespace CasFunctions.Http;

/// <summary>The problems that more than one subject reports.</summary>
public static class Problems
{
    /// <summary>A field of the request is missing or malformed.</summary>
    /// <param name="field">The field's path in the request.</param>
    /// <param name="detail">What is wrong and what would be right.</param>
    public static ProblemException InvalidRequest(string field, string detail) =>
        new(400, "invalid-request", "The request is not valid", detail)
        {
            Members = new Dictionary<string, string>(StringComparer.Ordinal) { ["field"] = field },
            Hint = $"Correct '{field}' and repeat the request. Nothing was changed.",
        };

    /// <summary>The text in place of a digest is not one.</summary>
    public static ProblemException InvalidDigest() =>
        new(400, "invalid-digest", "The digest is not valid", "A digest is 'sha256:' followed by 64 lowercase hexadecimal digits.")
        {
            Type = "https://iana.org/assignments/http-problem-types#digest-invalid-values",
            Hint = "Compute it with: sha256sum FILE",
        };

    /// <summary>A digest header field contradicts the digest that the request or its session is bound to.</summary>
    /// <param name="field">The header field's name.</param>
    public static ProblemException ContradictingDigest(string field) =>
        new(
            400,
            "digest-mismatch",
            "The content does not have the declared digest",
            $"{field} contradicts the digest that this upload is bound to.")
        {
            Type = "https://iana.org/assignments/http-problem-types#digest-mismatched-values",
            Hint = "Create a session for the digest of the content that you want to send.",
        };

    /// <summary>The content that arrived is not the declared one. The computed digest is deliberately not told.</summary>
    public static ProblemException DigestMismatch() =>
        new(
            400,
            "digest-mismatch",
            "The content does not have the declared digest",
            "The content's SHA-256 differs from the declared digest. Nothing was stored.")
        {
            Type = "https://iana.org/assignments/http-problem-types#digest-mismatched-values",
            Hint = "The file changed after it was hashed, or the transfer altered it. Hash it again and repeat the upload.",
        };

    /// <summary>The content that arrived is shorter or longer than declared.</summary>
    /// <param name="declared">Declared size in bytes.</param>
    /// <param name="detail">What arrived instead.</param>
    public static ProblemException SizeMismatch(long declared, string detail) =>
        new(400, "size-mismatch", "The content does not have the declared size", detail + " Nothing was stored.")
        {
            Members = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["declaredSize"] = declared.ToString(CultureInfo.InvariantCulture),
            },
            Hint = "Declare the exact size in bytes and send exactly that many.",
        };

    /// <summary>The content is larger than allowed.</summary>
    /// <param name="limit">The limit in bytes.</param>
    /// <param name="detail">Whose limit it is.</param>
    /// <param name="hint">What the caller can do.</param>
    public static ProblemException TooLarge(long limit, string detail, string hint) =>
        new(413, "content-too-large", "The content is too large", detail)
        {
            Members = new Dictionary<string, string>(StringComparer.Ordinal) { ["maxSize"] = limit.ToString(CultureInfo.InvariantCulture) },
            Headers = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Upload-Limit"] = $"max-size={limit.ToString(CultureInfo.InvariantCulture)}",
            },
            Hint = hint,
        };

    /// <summary>Nothing of that name is in the caller's organization. Says the same whether it exists elsewhere or nowhere.</summary>
    /// <param name="what">The kind of thing, such as <c>artifact</c>.</param>
    public static ProblemException NotFound(string what) =>
        new(404, "not-found", "Not found", $"There is no such {what}.");

    /// <summary>Another change came in between.</summary>
    /// <param name="detail">What was changed.</param>
    public static ProblemException Conflict(string detail) =>
        new(409, "conflict", "The request conflicts with the current state", detail)
        {
            Hint = "Read the current state and repeat the request.",
        };

    /// <summary>The service is short of buffer memory.</summary>
    public static ProblemException Busy() =>
        new(503, "busy", "The service is busy", "Too many uploads are under way on this instance.")
        {
            RetryAfter = TimeSpan.FromSeconds(5),
            Hint = "Repeat the request after the time in Retry-After.",
        };
}
