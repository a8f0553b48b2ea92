using System.Text;
using System.Text.Json;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Login;

/// <summary>What <c>cas login</c> keeps.</summary>
/// <param name="Address">The service.</param>
/// <param name="Token">The token.</param>
internal sealed record StoredLogin(Uri Address, string Token)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Address = ").Append(Address);
        return true;
    }
}

/// <summary>The file of the login, readable by its owner only.</summary>
internal static class LoginFile
{
    /// <summary>Where it is.</summary>
    public static string Location => Path.Combine(UserFolders.Config, "login.json");

    /// <summary>The login; null when there is none.</summary>
    /// <exception cref="CliFailure">The file is damaged.</exception>
    public static StoredLogin? Read()
    {
        if (!File.Exists(Location))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Location), CliJson.Default.StoredLogin);
        }
        catch (JsonException)
        {
            throw new CliFailure(ExitCode.Failed, $"{Location} is damaged.", "Log in again: cas login --address URL");
        }
    }

    /// <summary>Keeps a login in place of the one before.</summary>
    public static void Write(StoredLogin login) => PrivateFile.Write(Location, JsonSerializer.SerializeToUtf8Bytes(login, CliJson.Default.StoredLogin));
}
