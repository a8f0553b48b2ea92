using CasFunctions.Cli.Commands;
using Microsoft.Win32.SafeHandles;

namespace CasFunctions.Cli.Transfers;

/// <summary>A local file whose content is sent: one that exists, or a temporary one that takes up standard input.</summary>
internal sealed class ContentFile : IDisposable
{
    private readonly FileStream _stream;

    private ContentFile(FileStream stream, string? identity)
    {
        _stream = stream;
        Identity = identity;
        Size = stream.Length;
    }

    /// <summary>What tells the file in this state from others; null for standard input, which can't be sent again later.</summary>
    public string? Identity { get; }

    /// <summary>Its size in bytes when it was opened.</summary>
    public long Size { get; }

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle => _stream.SafeFileHandle;

    /// <summary>Opens a file.</summary>
    /// <exception cref="CliFailure">There is no such file, or it is no file.</exception>
    public static ContentFile Open(string path)
    {
        var file = new FileInfo(path);
        if (Directory.Exists(path))
        {
            throw new CliFailure(ExitCode.Usage, $"'{path}' is a folder.", "Name files, or pack the folder first: tar -cf folder.tar folder");
        }

        if (!file.Exists)
        {
            throw new CliFailure(ExitCode.NotFound, $"There is no file '{path}'.");
        }

        var stream = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read, BufferSize = 0, Options = FileOptions.SequentialScan });
        if (!stream.CanSeek)
        {
            stream.Dispose();
            throw CliFailure.Usage($"'{path}' can't be read twice, as an upload needs.", "Pipe it instead: cas artifact upload -f - --name NAME");
        }

        return new ContentFile(stream, $"{file.FullName}\0{stream.Length}\0{file.LastWriteTimeUtc.Ticks}");
    }

    /// <summary>
    /// Takes up standard input in a temporary file that only the user can read, because the digest has to be known before the first byte is
    /// sent. The file is gone when this is disposed or the program ends.
    /// </summary>
    public static async Task<ContentFile> ReadStandardInputAsync(CancellationToken cancellationToken)
    {
        var stream = Login.PrivateFile.Create(Path.Combine(Path.GetTempPath(), $"cas-{Guid.NewGuid():n}"), FileOptions.DeleteOnClose);
        try
        {
            await using var input = Console.OpenStandardInput();
            await input.CopyToAsync(stream, 1 << 20, cancellationToken);
            return new ContentFile(stream, null);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The failure of an upload whose file is not the one any more that was hashed.</summary>
    public static CliFailure Changed() => new(ExitCode.IntegrityFailure, "The file changed while it was uploaded. Nothing was stored.", "Run the command again when nothing writes to the file.");

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
