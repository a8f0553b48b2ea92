using System.Security.Cryptography;
using System.Text;
using CasFunctions.Digests;

namespace CasFunctions.Links;

/// <summary>
/// A link by which a browser downloads one artifact without a token. Its id is a capability: 256 random bits, of which only the SHA-256 is
/// kept.
/// </summary>
/// <param name="IdHash">What the id is stored as.</param>
/// <param name="Organization">Whose artifact it is.</param>
/// <param name="Digest">The artifact.</param>
/// <param name="CreatedBy">Who made the link.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on no request by it is answered; those that are being answered run on.</param>
public sealed record DownloadLink(
    string IdHash, string Organization, Sha256Digest Digest, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    private const int IdBytes = 32;
    private const int NameLength = 12;

    /// <summary>What the records call the link by: the start of the hash, which gives nobody access.</summary>
    public string Name => IdHash[..NameLength];

    /// <summary>Makes an id: 256 random bits in base64url, 43 characters.</summary>
    public static string NewId() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>What an id is stored as.</summary>
    public static string HashOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
