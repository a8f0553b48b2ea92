using System.CommandLine;
using CasFunctions.Cli.Artifacts;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Output;
using CasFunctions.Cli.Transfers;
using CasFunctions.Digests;

namespace CasFunctions.Cli.Downloads;

/// <summary><c>cas artifact download</c></summary>
internal sealed class DownloadCommand
{
    private const string StandardOutput = "-";

    private readonly Option<string> _digest = ArtifactCommands.DigestOption();
    private readonly Option<string?> _path = new("--path") { Description = "Folder for the file, which gets its stored name; the current folder unless told", HelpName = "FOLDER" };
    private readonly Option<string?> _output = new("--output") { Description = "Exact name of the file, replaced if it exists; - for standard output", HelpName = "FILE" };
    private readonly Option<bool> _force = new("--force") { Description = "Replace a file that has the stored name already" };
    private readonly Option<string> _retryFor = TransferOptions.RetryFor();

    private DownloadCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var download = new DownloadCommand();
        return new Command("download", "Fetch an artifact and verify it. Nothing appears under the final name before all of it is proven")
        {
            download._digest, download._path, download._output, download._force, download._retryFor,
        }
        .Does(download.RunAsync)
        .Example(
            "cas artifact download -d sha256:…",
            "cas artifact download -d sha256:… --path /tmp",
            "cas artifact download -d sha256:… --output sbom.json",
            "cas artifact download -d sha256:… --output - | tar -x");
    }

    private async Task RunAsync(CommandRun run)
    {
        var digest = ArtifactCommands.ReadDigest(run.Get(_digest));
        var output = run.Get(_output);
        if (output is not null && run.Get(_path) is not null)
        {
            throw CliFailure.Usage("--path and --output exclude each other.");
        }

        if (output == StandardOutput)
        {
            await using var stream = Console.OpenStandardOutput();
            await TransferProgress.ShowAsync(run.Printer, async progress =>
            {
                await Downloader(run, progress).CopyAsync(digest, stream, run.Cancellation);
                return true;
            });
            return;
        }

        var descriptor = await run.Api.GetAsync(ArtifactCommands.PathOf(digest) + "/descriptor", run.Cancellation);
        var name = output is null ? LocalName.Of(descriptor.Json.Text("name"), digest) : Path.GetFileName(output);
        var target = Path.GetFullPath(output ?? Path.Combine(run.Get(_path) ?? ".", name));
        await FetchAsync(run, digest, name, target, overwrite: output is not null || run.Get(_force));
        if (run.Printer.Format == OutputFormat.Json)
        {
            Printer.Document(descriptor.Body);
        }
    }

    private async Task FetchAsync(CommandRun run, Sha256Digest digest, string name, string target, bool overwrite)
    {
        if (Directory.Exists(target))
        {
            throw CliFailure.Usage($"'{target}' is a folder.", "Name a folder by --path and a file by --output.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw new CliFailure(ExitCode.NotFound, $"There is no folder '{Path.GetDirectoryName(target)}'.");
        }

        if (!overwrite && File.Exists(target))
        {
            await CheckExistingAsync(run, digest, target);
            return;
        }

        run.Printer.Note($"INF downloading file name={DisplayText.Safe(name)} to={DisplayText.Safe(target)}");
        await TransferProgress.ShowAsync(run.Printer, async progress =>
        {
            await FetchAsync(run, digest, name, target, overwrite, progress);
            return true;
        });
        run.Printer.Note($"INF file downloaded! path={DisplayText.Safe(target)}");
    }

    private async Task FetchAsync(CommandRun run, Sha256Digest digest, string name, string target, bool overwrite, TransferProgress progress)
    {
        var records = new TransferRecords("downloads");
        var key = TransferRecords.KeyOf(run.Api.Account, target, digest.ToString());
        await using var partial = await PartialFile.OpenAsync(target, records.Find(key)?.PartialFile, progress, run.Cancellation);
        var kept = records.TrySave(key, new TransferRecord(PartialFile: partial.Location));
        try
        {
            await Downloader(run, progress).FetchAsync(digest, name, partial, run.Cancellation);
            await partial.PublishAsync(target, overwrite);
            records.Delete(key);
        }
        catch (Exception failure) when (!kept || partial.Length == 0 || !IsWorthKeeping(failure, run))
        {
            await partial.DeleteAsync();
            records.Delete(key);
            throw;
        }
    }

    /// <summary>What arrived is kept when another run can go on from there.</summary>
    private static bool IsWorthKeeping(Exception failure, CommandRun run) =>
        Patience.IsPassing(failure, run.Cancellation) || run.Cancellation.IsCancellationRequested;

    /// <summary>A stored name must not replace a file that somebody else put there, unless it is the same content.</summary>
    private static async Task CheckExistingAsync(CommandRun run, Sha256Digest digest, string target)
    {
        await using var stream = new FileStream(target, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (await ContentHash.ComputeAsync(stream.SafeFileHandle, stream.Length, _ => { }, run.Cancellation) != digest)
        {
            throw new CliFailure(ExitCode.Failed, $"'{target}' exists and holds something else.", "Choose a name by --output, a folder by --path, or add --force.");
        }

        run.Printer.Note($"INF file is there already path={DisplayText.Safe(target)}");
    }

    private Downloader Downloader(CommandRun run, TransferProgress progress) => new(run.Api, TransferOptions.Patience(run, _retryFor), progress);
}
