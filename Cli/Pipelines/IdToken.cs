using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Pipelines;

/// <summary>
/// An OpenID Connect token of a CI system. What it says of itself is read only to decide how to use it: its signature is the service's to
/// check.
/// </summary>
internal sealed record IdToken
{
    private readonly JsonElement _claims;

    private IdToken(string text, JsonElement claims)
    {
        Text = text;
        _claims = claims;
    }

    /// <summary>The token.</summary>
    public string Text { get; }

    /// <summary>Its audience; null when it has none or several.</summary>
    public string? Audience => _claims.Member("aud") switch
    {
        { ValueKind: JsonValueKind.String } one => one.GetString(),
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 1 => list[0].ToString(),
        _ => null,
    };

    /// <summary>Its issuer, as far as it says.</summary>
    public string? Issuer => _claims.Text("iss");

    /// <summary>From when on it is refused.</summary>
    public DateTimeOffset ExpiresAt => _claims.Number("exp") is >= 0 and < 253_402_300_800 and { } seconds
        ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : DateTimeOffset.MaxValue;

    /// <summary>Reads a token; null when the text is none.</summary>
    public static IdToken? Read(string text)
    {
        var parts = text.Split('.');
        try
        {
            if (parts.Length != 3)
            {
                return null;
            }

            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            return claims.RootElement.ValueKind == JsonValueKind.Object ? new IdToken(text, claims.RootElement.Clone()) : null;
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException)
        {
            return null;
        }
    }

    // Keeps the token out of whatever formats this record.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Issuer = ").Append(Issuer).Append(", Audience = ").Append(Audience);
        return true;
    }
}
