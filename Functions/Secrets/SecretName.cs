using System.Security.Cryptography;

namespace CasFunctions.Secrets;

/// <summary>Names of secrets.</summary>
public static class SecretName
{
    /// <summary>The longest name that Key Vault takes, in characters.</summary>
    public const int MaxLength = 127;

    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";
    private const int MaxPartLength = 54;

    /// <summary>
    /// Makes a name that was never used before, because a deleted secret's name stays taken for up to 90 days (soft delete). The
    /// organization and the backend are in it for the operator's eyes; 60 random bits make it unique.
    /// </summary>
    public static string Create(string organization, string backend) =>
        $"cas-{Part(organization)}-{Part(backend)}-{RandomNumberGenerator.GetString(Base32, 12)}";

    /// <summary>True when a text has 1 to 127 of the characters a-z, A-Z, 0-9 and <c>-</c>, as Key Vault demands of names.</summary>
    internal static bool IsValid(string text) =>
        text.Length is > 0 and <= MaxLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static string Part(string text) =>
        string.Concat(text.Take(MaxPartLength).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
