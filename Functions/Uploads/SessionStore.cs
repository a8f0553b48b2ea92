using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;
using CasFunctions.Digests;
using CasFunctions.Storage;
using CasFunctions.Uploads.Appends;

namespace CasFunctions.Uploads;

/// <summary>
/// Sessions in the table <c>Sessions</c>, spread over partitions by the first three digits of the id's hash. Each is in the index of
/// <see cref="SessionExpiry"/> before it is here.
/// </summary>
public sealed class SessionStore(AppStorage storage, SessionExpiry expiry)
{
    private const string Table = "Sessions";
    private const int IdBytes = 32;

    /// <summary>The most that a binary property holds.</summary>
    private const int PropertySize = 64 * 1024;

    /// <summary>Makes an id: 256 random bits in base64url, 43 characters.</summary>
    public static string NewId() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>What an id is stored as.</summary>
    public static string HashOf(string id) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    /// <summary>Adds a session.</summary>
    public async Task AddAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        await expiry.AddAsync(session.ExpiresAt, session.IdHash, cancellationToken);
        var table = await storage.OpenAsync(Table);
        await table.AddUniqueAsync(ToRow(session), cancellationToken);
    }

    /// <summary>Reads a session; null when there is none.</summary>
    /// <param name="id">The id as the client holds it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<UploadSession?> FindAsync(string id, CancellationToken cancellationToken)
    {
        return await FindByHashAsync(HashOf(id), cancellationToken);
    }

    /// <summary>Reads a session; null when there is none.</summary>
    /// <param name="hash">What the id is stored as.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<UploadSession?> FindByHashAsync(string hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hash);
        var table = await storage.OpenAsync(Table);
        return await table.FindAsync(PartitionOf(hash), hash, cancellationToken) is { } row ? FromRow(row) : null;
    }

    /// <summary>Writes a session that nobody has changed since it was read; null when somebody has.</summary>
    public async Task<UploadSession?> TryChangeAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var table = await storage.OpenAsync(Table);
        return await table.TryReplaceAsync(ToRow(session), session.ETag, cancellationToken) is { } etag
            ? session with { ETag = etag }
            : null;
    }

    /// <summary>Removes a session that nobody has changed since it was read; false when somebody has.</summary>
    public async Task<bool> TryRemoveAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var table = await storage.OpenAsync(Table);
        return await table.TryDeleteAsync(PartitionOf(session.IdHash), session.IdHash, session.ETag, cancellationToken);
    }

    /// <summary>Removes a session, whoever has changed it, from the index too; nothing happens when it is gone.</summary>
    public async Task RemoveAsync(UploadSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var table = await storage.OpenAsync(Table);
        await table.DeleteEntityAsync(PartitionOf(session.IdHash), session.IdHash, ETag.All, cancellationToken);
        await expiry.RemoveAsync(session.ExpiresAt, session.IdHash, cancellationToken);
    }

    private static string PartitionOf(string hash) => hash[..3];

    private static TableEntity ToRow(UploadSession session)
    {
        var row = new TableEntity(PartitionOf(session.IdHash), session.IdHash)
        {
            ["Organization"] = session.Organization,
            ["Digest"] = session.Digest.ToString(),
            ["Size"] = session.Size,
            ["Name"] = session.Name,
            ["MediaType"] = session.MediaType,
            ["Backend"] = session.Backend,
            ["BackendReason"] = session.BackendReason,
            ["Nonce"] = session.Nonce,
            ["Epoch"] = session.Epoch,
            ["Status"] = session.Status.ToString(),
            ["CreatedBy"] = session.CreatedBy,
            ["CreatedAt"] = session.CreatedAt,
            ["ExpiresAt"] = session.ExpiresAt,
            ["EndReason"] = session.EndReason,
            ["Offset"] = session.Offset,
            ["AppendOpen"] = session.AppendOpen,
            ["HashState"] = session.HashState,
            ["UploadId"] = session.UploadId,
            ["Tail"] = session.Tail,
            ["Staged"] = session.Staged,
            ["Discards"] = session.Discards,
            ["AdvancedAt"] = session.AdvancedAt,
        };
        var tags = PartTags.Pack(session.PartTags);
        for (var start = 0; start < tags.Length; start += PropertySize)
        {
            row[TagsProperty(start / PropertySize)] = tags[start..Math.Min(start + PropertySize, tags.Length)];
        }

        return row;
    }

    private static UploadSession FromRow(TableEntity row) => new()
    {
        IdHash = row.RowKey,
        Organization = row.GetString("Organization"),
        Digest = Sha256Digest.TryParse(row.GetString("Digest"), out var digest)
            ? digest
            : throw new InvalidDataException("A session row has no digest."),
        Size = row.GetInt64("Size") ?? 0,
        Name = row.GetString("Name"),
        MediaType = row.GetString("MediaType"),
        Backend = row.GetString("Backend"),
        BackendReason = row.GetString("BackendReason"),
        Nonce = row.GetString("Nonce"),
        Epoch = row.GetInt32("Epoch") ?? 0,
        Status = Enum.Parse<UploadStatus>(row.GetString("Status")),
        CreatedBy = row.GetString("CreatedBy"),
        CreatedAt = row.GetDateTimeOffset("CreatedAt") ?? default,
        ExpiresAt = row.GetDateTimeOffset("ExpiresAt") ?? default,
        EndReason = row.GetString("EndReason"),
        Offset = row.GetInt64("Offset") ?? 0,
        AppendOpen = row.GetBoolean("AppendOpen") ?? false,
        HashState = row.GetBinary("HashState"),
        UploadId = row.GetString("UploadId"),
        PartTags = PartTags.Unpack(Tags(row)),
        Tail = row.GetString("Tail"),
        Staged = row.GetBoolean("Staged") ?? false,
        Discards = row.GetBoolean("Discards") ?? false,
        AdvancedAt = row.GetDateTimeOffset("AdvancedAt"),
        ETag = row.ETag,
    };

    private static byte[] Tags(TableEntity row)
    {
        var packed = new MemoryStream();
        for (var i = 0; row.GetBinary(TagsProperty(i)) is { } piece; i++)
        {
            packed.Write(piece);
        }

        return packed.ToArray();
    }

    private static string TagsProperty(int index) => "Tags" + index.ToString("D2", CultureInfo.InvariantCulture);
}
