using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Login;

namespace CasFunctions.Cli.Transfers;

/// <summary>
/// Transfers that can be continued, one small file each in the user's state folder, readable by the user only. The name is a hash of all
/// that has to be the same for the transfer to be the same.
/// </summary>
internal sealed class TransferRecords(string kind)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    private string Folder => Path.Combine(UserFolders.State, kind);

    /// <summary>The key of a transfer.</summary>
    /// <param name="account">The service, and the token by which it knows the organization; in CI the organization.</param>
    /// <param name="identity">What tells this transfer from others of the account.</param>
    public static string KeyOf(Account account, params string?[] identity) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [account.Address.ToString(), account.Token ?? account.Organization, .. identity]))));

    /// <summary>The record of a transfer; null when there is none.</summary>
    public TransferRecord? Find(string key)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(key)), CliJson.Default.TransferRecord);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps a record, and forgets those that nobody came back for.</summary>
    /// <returns>False where nothing can be kept, as in containers without a writable home: the transfer then can't be continued by another run.</returns>
    public bool TrySave(string key, TransferRecord record)
    {
        try
        {
            PrivateFile.Write(PathOf(key), JsonSerializer.SerializeToUtf8Bytes(record, CliJson.Default.TransferRecord));
            var oldest = (TimeProvider.System.GetUtcNow() - Lifetime).UtcDateTime;
            foreach (var file in new DirectoryInfo(Folder).EnumerateFiles().Where(file => file.LastWriteTimeUtc < oldest))
            {
                file.Delete();
            }

            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Forgets a transfer.</summary>
    public void Delete(string key)
    {
        if (Directory.Exists(Folder))
        {
            File.Delete(PathOf(key));
        }
    }

    private string PathOf(string key) => Path.Combine(Folder, key + ".json");
}
