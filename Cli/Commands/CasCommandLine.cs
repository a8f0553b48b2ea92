using System.CommandLine;
using System.CommandLine.Help;
using CasFunctions.Cli.Artifacts;
using CasFunctions.Cli.Attestations;
using CasFunctions.Cli.Backends;
using CasFunctions.Cli.Login;
using CasFunctions.Cli.Organizations;
using CasFunctions.Cli.Service;

namespace CasFunctions.Cli.Commands;

/// <summary>All commands, and the way from the arguments to the exit code.</summary>
internal static class CasCommandLine
{
    /// <summary>Runs one command line.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = Create();
        var parsed = root.Parse(args);
        var result = await parsed.InvokeAsync();

        // The library ends with 1 for what it can't parse; 1 means other things here.
        return parsed.Errors.Count > 0 && result != 0 ? (int)ExitCode.Usage : result;
    }

    private static RootCommand Create()
    {
        var root = new RootCommand("Stores software supply-chain evidence under its SHA-256 digest, in the storage backends of your organization.")
        {
            GlobalOptions.Address,
            GlobalOptions.Organization,
            GlobalOptions.Format,
            GlobalOptions.Quiet,
            LoginCommand.Create(),
            StatusCommand.Create(),
            ArtifactCommands.Create(),
            BackendCommands.Create(),
            AttestCommand.Create(),
            OrganizationCommands.Create(),
            TokenCommands.Create(),
            TrustCommands.Create(),
            AuditCommand.Create(),
            UsageCommand.Create(),
            CompletionCommand.Create(),
        };
        root.Example(
            "cas login --address https://cas.example.com",
            "cas artifact upload -f sbom.json",
            "cas artifact download -d sha256:… --path /tmp",
            "cas backend ls");
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelp((HelpAction)help.Action!);
        return root;
    }
}
