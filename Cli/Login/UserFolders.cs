namespace CasFunctions.Cli.Login;

/// <summary>Where the program keeps things for its user (XDG Base Directory Specification on Unix).</summary>
internal static class UserFolders
{
    private const string Name = "cas";

    /// <summary>Configuration: the login.</summary>
    public static string Config => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), Name);

    /// <summary>State: transfers that can be continued.</summary>
    public static string State => Path.Combine(StateBase, Name);

    private static string StateBase
    {
        get
        {
            if (OperatingSystem.IsWindows())
            {
                return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            }

            // The specification tells to ignore paths that are not absolute.
            return Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } folder && Path.IsPathFullyQualified(folder)
                ? folder
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        }
    }
}
