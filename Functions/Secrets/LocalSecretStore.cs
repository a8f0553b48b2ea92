using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace CasFunctions.Secrets;

/// <summary>
/// Keeps secrets as encrypted files below one folder, for use on one machine outside of Azure. Several processes may share the
/// folder. The keys lie beside the files, so what protects the secrets is that only the app's user may open the folder; encryption
/// keeps them out of backups of single files, search indexes and careless output.
/// </summary>
public sealed class LocalSecretStore : ISecretStore
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly DirectoryInfo _secrets;
    private readonly DirectoryInfo _keys;
    private volatile IDataProtectionProvider _protection;

    /// <summary>Opens the store and makes its folders when they are missing.</summary>
    /// <param name="path">The folder.</param>
    public LocalSecretStore(string path)
    {
        CreateFolder(path);
        _secrets = CreateFolder(Path.Combine(path, "secrets"));
        _keys = CreateFolder(Path.Combine(path, "keys"));
        _protection = OpenKeys();
    }

    /// <inheritdoc/>
    public Task<string> WriteAsync(string name, string value, CancellationToken cancellationToken) => CallAsync(async () =>
    {
        var version = Guid.NewGuid().ToString("N");
        var file = FileOf(name, version);
        CreateFolder(file.DirectoryName!);
        var bytes = Protector(name, version).Protect(Encoding.UTF8.GetBytes(value));

        // Written beside and renamed, so that a reader or a crash never meets half a file.
        var temporary = $"{file.FullName}.new";
        var options = new FileStreamOptions { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode;
        }

        await using (var stream = new FileStream(temporary, options))
        {
            await stream.WriteAsync(bytes, cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, file.FullName);
        return version;
    });

    /// <inheritdoc/>
    public Task<string> ReadAsync(string name, string version, CancellationToken cancellationToken) => CallAsync(async () =>
    {
        var bytes = await File.ReadAllBytesAsync(FileOf(name, version).FullName, cancellationToken);
        return Encoding.UTF8.GetString(Unprotect(name, version, bytes));
    });

    /// <summary>Erases the version's file.</summary>
    public Task DisableAsync(string name, string version, CancellationToken cancellationToken) => CallAsync(() =>
    {
        var file = FileOf(name, version);
        if (file.Exists)
        {
            file.Delete();
        }

        return Task.FromResult(true);
    });

    /// <summary>Erases the files of all versions.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => CallAsync(() =>
    {
        var folder = FolderOf(name);
        if (folder.Exists)
        {
            folder.Delete(recursive: true);
        }

        return Task.FromResult(true);
    });

    private static async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SecretStoreException(SecretStoreErrorKind.NotFound, "The folder of secrets has no such version.", e);
        }
        catch (IOException e)
        {
            throw new SecretStoreException(SecretStoreErrorKind.Unavailable, "The folder of secrets can't be used now.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SecretStoreException(SecretStoreErrorKind.Refused, "The app may not use the folder of secrets.", e);
        }
        catch (CryptographicException e)
        {
            throw new SecretStoreException(SecretStoreErrorKind.Refused, "A secret can't be decrypted: its key or file was changed.", e);
        }
    }

    private byte[] Unprotect(string name, string version, byte[] bytes)
    {
        try
        {
            return Protector(name, version).Unprotect(bytes);
        }
        catch (CryptographicException)
        {
            // Another process may have made a new key since this one read the keys, which it keeps for a day.
            _protection = OpenKeys();
            return Protector(name, version).Unprotect(bytes);
        }
    }

    // Name and version are part of the purpose, so that a file that was moved to another's place does not decrypt.
    private IDataProtector Protector(string name, string version) => _protection.CreateProtector("CasFunctions.Secrets", name, version);

    private IDataProtectionProvider OpenKeys() =>
        DataProtectionProvider.Create(_keys, builder => builder.SetApplicationName("CasFunctions"));

    private DirectoryInfo FolderOf(string name) => new(Path.Combine(_secrets.FullName, Checked(name)));

    private FileInfo FileOf(string name, string version) => new(Path.Combine(FolderOf(name).FullName, Checked(version)));

    private static string Checked(string part) => SecretName.IsValid(part)
        ? part
        : throw new SecretStoreException(SecretStoreErrorKind.Refused, "A secret's name and version consist of letters, digits and '-'.");

    private static DirectoryInfo CreateFolder(string path) =>
        OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, FolderMode);
}
