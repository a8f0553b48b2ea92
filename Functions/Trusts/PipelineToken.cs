using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace CasFunctions.Trusts;

/// <summary>A pipeline's token (RFC 7519) as it was presented. Nothing of it is proven before its signature is.</summary>
public sealed record PipelineToken
{
    private const int MaxLength = 16 * 1024;

    // Names of claims that are members twice are read differently by different readers: such a token is none.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private PipelineToken(string text, string keyId, string issuer, string audience, IReadOnlyDictionary<string, string> claims)
    {
        Text = text;
        KeyId = keyId;
        Issuer = issuer;
        Audience = audience;
        Claims = claims;
    }

    /// <summary>The token itself.</summary>
    public string Text { get; }

    /// <summary>The key that it says it is signed with.</summary>
    public string KeyId { get; }

    /// <summary>Who it says made it.</summary>
    public string Issuer { get; }

    /// <summary>Whom it is meant for. A token for several is not accepted.</summary>
    public string Audience { get; }

    /// <summary>Its claims that are texts, numbers or truth values, all as text.</summary>
    public IReadOnlyDictionary<string, string> Claims { get; }

    /// <summary>Reads a token; null when it is none that can be accepted.</summary>
    public static PipelineToken? TryRead(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength || text.Split('.') is not [var header, var payload, { Length: > 0 }])
        {
            return null;
        }

        try
        {
            using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(header), Strict);
            using var body = JsonDocument.Parse(Base64Url.DecodeFromChars(payload), Strict);
            return head.RootElement.ValueKind == JsonValueKind.Object
                && body.RootElement.ValueKind == JsonValueKind.Object
                && TextOf(head.RootElement, "kid") is { } keyId
                && TextOf(body.RootElement, "iss") is { } issuer
                && AudienceOf(body.RootElement) is { } audience
                    ? new PipelineToken(text, keyId, issuer, audience, ClaimsOf(body.RootElement))
                    : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            // Not base64url, not JSON, or with halves of surrogate pairs.
            return null;
        }
    }

    private static string? TextOf(JsonElement document, string name) =>
        document.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? AudienceOf(JsonElement document) =>
        document.TryGetProperty("aud", out var audience)
        && audience.ValueKind == JsonValueKind.Array && audience.GetArrayLength() == 1 && audience[0].ValueKind == JsonValueKind.String
            ? audience[0].GetString()
            : TextOf(document, "aud");

    private static Dictionary<string, string> ClaimsOf(JsonElement document)
    {
        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var claim in document.EnumerateObject())
        {
            var text = claim.Value.ValueKind switch
            {
                JsonValueKind.String => claim.Value.GetString(),
                JsonValueKind.Number => claim.Value.GetRawText(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => null,
            };
            if (text is not null)
            {
                claims[claim.Name] = text;
            }
        }

        return claims;
    }

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Issuer = ").Append(Issuer);
        return true;
    }
}
