namespace CasFunctions.Tests.Services;

/// <summary>
/// The one rule for programs that a test needs and that this machine lacks: the test is skipped with the reason, and under
/// <c>CI=true</c> it fails, because there a missing service would hide untested behaviour.
/// </summary>
public static class Prerequisite
{
    /// <summary>The path of <paramref name="name"/> on the PATH.</summary>
    /// <param name="name">The program's file name.</param>
    /// <param name="source">Where it comes from, for the reason shown, such as "Debian package radosgw".</param>
    public static string Program(string name, string source) =>
        Find(name) ?? throw Missing($"{name} is not installed ({source}; ./test installs it when it runs as root on Debian).");

    /// <summary>The path of a program that <c>./test</c> puts below the root of the repository.</summary>
    /// <param name="path">The path relative to the root.</param>
    /// <param name="installer">The script that installs it, relative to the root.</param>
    public static string Installed(string path, string installer)
    {
        var full = Path.Combine(RepositoryRoot, path);
        return File.Exists(full) ? full : throw Missing($"{path} is not installed; run {installer}.");
    }

    /// <summary>The path of <paramref name="name"/> on the PATH, or null.</summary>
    internal static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    /// <summary>The folder that holds the solution.</summary>
    internal static string RepositoryRoot { get; } = FindRepositoryRoot();

    private static string FindRepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CasFunctions.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository's folders.");
    }

    /// <summary>Skips the test, or fails it under <c>CI=true</c>; throw what it returns.</summary>
    /// <param name="reason">What is missing and where it comes from.</param>
    internal static InvalidOperationException Missing(string reason)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
        return new InvalidOperationException(reason);
    }
}
