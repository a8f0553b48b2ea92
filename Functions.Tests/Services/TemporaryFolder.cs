namespace CasFunctions.Tests.Services;

/// <summary>A folder of its own below the system's temporary folder, deleted with all it holds on disposal.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder's full path.</summary>
    public string FullPath { get; } = Directory.CreateTempSubdirectory("casfunctions-").FullName;

    /// <summary>The full path of an entry of this folder, which may not exist yet.</summary>
    public string this[string name] => Path.Combine(FullPath, name);

    /// <summary>Writes a text file and returns its full path.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public void Dispose()
    {
        if (Directory.Exists(FullPath))
        {
            Directory.Delete(FullPath, recursive: true);
        }
    }
}
