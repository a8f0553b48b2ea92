using System.CommandLine;
using System.Text.Json;
using CasFunctions.Cli.Artifacts;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Output;
using CasFunctions.Cli.Transfers;

namespace CasFunctions.Cli.Attestations;

/// <summary><c>cas attest</c></summary>
internal sealed class AttestCommand
{
    private readonly Option<string[]> _subjects = Many("--subject", "Digest of a stored artifact that the statement is about", "DIGEST");
    private readonly Option<string[]> _files = Many("--subject-file", "Local file that the statement is about; it is hashed, not uploaded", "FILE");
    private readonly Option<string[]> _materials = Many("--material", "Digest of a stored artifact that went into it", "DIGEST");
    private readonly Option<string?> _type = new("--predicate-type") { Description = $"What the predicate means [default: {Statement.LinkType}]", HelpName = "URI" };
    private readonly Option<string?> _predicate = new("--predicate") { Description = "JSON file with the predicate; needs --predicate-type", HelpName = "FILE" };
    private readonly Option<string> _step = new("--step") { Description = "Name of the step in a link predicate", HelpName = "NAME", DefaultValueFactory = _ => "cas" };
    private readonly Option<string> _form = new("--form") { Description = "statement, dsse (an envelope for a signer to sign) or pae (the bytes that are signed)", HelpName = "FORM", DefaultValueFactory = _ => "statement" };
    private readonly Option<string?> _output = new("--output") { Description = "File to write; standard output unless told", HelpName = "FILE" };

    private AttestCommand() => _form.AcceptOnlyFromAmong("statement", "dsse", "pae");

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var attest = new AttestCommand();
        return new Command("attest", "Write an in-toto Statement, unsigned, of the descriptors of stored artifacts. Inline content is embedded")
        {
            attest._subjects, attest._files, attest._materials, attest._type, attest._predicate, attest._step, attest._form, attest._output,
        }
        .Does(attest.RunAsync)
        .Example(
            "cas attest --subject-file app.tar --material sha256:… --material sha256:… --output statement.json",
            "cas attest --subject sha256:… --predicate-type https://slsa.dev/provenance/v1 --predicate provenance.json --form dsse",
            "cas attest --subject sha256:… --form pae | openssl dgst -sha256 -sign key.pem");
    }

    private static Option<string[]> Many(string name, string meaning, string helpName) =>
        new(name) { Description = meaning, HelpName = helpName, AllowMultipleArgumentsPerToken = true };

    private async Task RunAsync(CommandRun run)
    {
        if (run.Has(_predicate) && !run.Has(_type))
        {
            throw CliFailure.Usage("A predicate needs --predicate-type URI, which tells what it means.");
        }

        var subjects = await DescribeAsync(run, run.Get(_subjects) ?? []);
        foreach (var file in run.Get(_files) ?? [])
        {
            subjects.Add(await DescribeFileAsync(file, run.Cancellation));
        }

        if (subjects.Count == 0)
        {
            throw CliFailure.Usage("A statement is about something: give --subject DIGEST or --subject-file FILE.");
        }

        var materials = await DescribeAsync(run, run.Get(_materials) ?? []);
        var statement = new Statement(subjects, materials, run.Get(_type) ?? Statement.LinkType, ReadPredicate(run), run.Get(_step)!).Write();
        Write(run, run.Get(_form) switch
        {
            "dsse" => StatementFormat.Envelope(statement),
            "pae" => StatementFormat.PreAuthenticationEncoding(statement),
            _ => statement,
        });
    }

    private static async Task<List<JsonElement>> DescribeAsync(CommandRun run, IEnumerable<string> digests)
    {
        var descriptors = new List<JsonElement>();
        foreach (var text in digests)
        {
            var digest = ArtifactCommands.ReadDigest(text);
            var descriptor = (await run.Api.GetAsync(ArtifactCommands.PathOf(digest) + "/descriptor", run.Cancellation)).Json;
            if (ArtifactDescriptor.IsInline(descriptor) && descriptor.Member("content") is null)
            {
                throw new CliFailure(
                    ExitCode.NotAuthorized, $"{digest} is inline, and this token may not read its content to embed it.", "Use a token of role downloader or owner.");
            }

            descriptors.Add(descriptor);
        }

        return descriptors;
    }

    private static async Task<JsonElement> DescribeFileAsync(string path, CancellationToken cancellationToken)
    {
        using var file = ContentFile.Open(path);
        var digest = await ContentHash.ComputeAsync(file.Handle, file.Size, _ => { }, cancellationToken);
        using var document = JsonDocument.Parse($$$"""{"name":"{{{JsonEncodedText.Encode(Path.GetFileName(path))}}}","digest":{"sha256":"{{{digest.Hex}}}"}}""");
        return document.RootElement.Clone();
    }

    private JsonElement? ReadPredicate(CommandRun run)
    {
        if (run.Get(_predicate) is not { } path)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (JsonException failure)
        {
            throw CliFailure.Usage($"'{path}' is not JSON: {failure.Message}");
        }
    }

    private void Write(CommandRun run, byte[] content)
    {
        if (run.Get(_output) is { } path)
        {
            File.WriteAllBytes(path, content);
        }
        else if (run.Get(_form) == "pae")
        {
            using var output = Console.OpenStandardOutput();
            output.Write(content);
        }
        else
        {
            Printer.Document(content);
        }
    }
}
