using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Output;
using CasFunctions.Cli.Transfers;

namespace CasFunctions.Cli.Uploads;

/// <summary><c>cas artifact upload</c></summary>
internal sealed class UploadCommand
{
    private const string StandardInput = "-";

    private readonly Option<string[]> _files = new("--file", "-f")
    {
        Description = "Files to upload; wildcards are possible, and - stands for standard input",
        HelpName = "FILE",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _name = new("--name") { Description = "The artifact's name; the file's own unless told", HelpName = "NAME" };
    private readonly Option<string?> _mediaType = new("--media-type") { Description = "The content's media type, such as application/vnd.cyclonedx+json", HelpName = "TYPE" };
    private readonly Option<string?> _backend = new("--backend") { Description = "The backend that it goes to; the default unless told", HelpName = "NAME" };
    private readonly Option<string> _retryFor = TransferOptions.RetryFor();

    private UploadCommand()
    {
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var upload = new UploadCommand();
        return new Command("upload", "Store files. An upload that was broken off is continued, and content that is stored already is not sent again")
        {
            upload._files, upload._name, upload._mediaType, upload._backend, upload._retryFor,
        }
        .Does(upload.RunAsync)
        .Example(
            "cas artifact upload -f sbom.json",
            "cas artifact upload -f report.xml -f 'logs/**/*.log'",
            "tar -c build | cas artifact upload -f - --name build.tar",
            "cas artifact upload -f sbom.json --media-type application/vnd.cyclonedx+json -o json");
    }

    private async Task RunAsync(CommandRun run)
    {
        var paths = run.Get(_files)!.SelectMany(file => file == StandardInput ? [StandardInput] : UploadPatterns.Expand(file)).ToList();
        if (run.Has(_name) && paths.Count > 1)
        {
            throw CliFailure.Usage("--name names one artifact, but there are several files.");
        }

        if (!run.Has(_name) && paths.Contains(StandardInput))
        {
            throw CliFailure.Usage("Standard input has no name.", "Give one: --name NAME");
        }

        foreach (var path in paths)
        {
            try
            {
                await UploadAsync(run, path);
            }
            catch (Exception failure) when (CommandActions.Describe(failure, run.Cancellation) is { } told)
            {
                // What is wrong with one file says nothing of the next, but a missing token or service does.
                if (paths.Count == 1 || told.ExitCode is ExitCode.NotAuthorized or ExitCode.ServiceUnavailable or ExitCode.Interrupted)
                {
                    throw;
                }

                run.Printer.Error(new CliFailure(told.ExitCode, $"{path}: {told.Message}", told.Hint));
                run.ExitCode = run.ExitCode == ExitCode.Done ? told.ExitCode : run.ExitCode;
            }
        }
    }

    private async Task UploadAsync(CommandRun run, string path)
    {
        using var file = path == StandardInput ? await ContentFile.ReadStandardInputAsync(run.Cancellation) : ContentFile.Open(path);
        var name = run.Get(_name) ?? Path.GetFileName(path);
        var began = TimeProvider.System.GetTimestamp();
        var result = await TransferProgress.ShowAsync(
            run.Printer,
            progress => new Uploader(run.Api, new TransferRecords("uploads"), TransferOptions.Patience(run, _retryFor), progress)
                .UploadAsync(file, name, run.Get(_mediaType), run.Get(_backend), run.Cancellation));
        Write(run, name, file.Size, result, TimeProvider.System.GetElapsedTime(began));
    }

    private static void Write(CommandRun run, string name, long size, UploadResult result, TimeSpan elapsed)
    {
        if (run.Printer.Format == OutputFormat.Json)
        {
            Printer.Document(result.Descriptor);
        }
        else if (run.Printer.Quiet)
        {
            Printer.Line(result.Digest.ToString());
        }
        else if (result.Existed)
        {
            Printer.Line($"{DisplayText.Safe(name)}@{result.Digest} ... done! [{ByteSize.Moved(size)} stored already]");
        }
        else
        {
            var speed = ByteSize.Moved(result.Sent / Math.Max(elapsed.TotalSeconds, 0.001));
            Printer.Line($"{DisplayText.Safe(name)}@{result.Digest} ... done! [{ByteSize.Moved(result.Sent)} in {Math.Floor(elapsed.TotalSeconds):0}s; {speed}/s]");
        }
    }
}
