using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Artifacts;

/// <summary><c>cas artifact verify</c></summary>
internal static class VerifyCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var digest = ArtifactCommands.DigestOption();
        return new Command("verify", $"Let the service read and hash the stored copies. Ends with {(int)ExitCode.IntegrityFailure} when one is altered") { digest }
            .Does(async run =>
            {
                var path = ArtifactCommands.PathOf(ArtifactCommands.ReadDigest(run.Get(digest))) + "/verification";
                var verification = await run.Api.PostAsync(path, run.Cancellation);
                run.Printer.Result(verification, answer => Tables.WriteMembers(answer.Json.Items("copies")));
                run.ExitCode = Judge(verification);
            })
            .Example("cas artifact verify -d sha256:…");
    }

    private static ExitCode Judge(ApiAnswer verification)
    {
        var outcomes = verification.Json.Items("copies").Select(copy => copy.Text("outcome")).ToList();
        return outcomes.Contains("corrupt") ? ExitCode.IntegrityFailure
            : outcomes.TrueForAll(outcome => outcome == "right") ? ExitCode.Done
            : ExitCode.BackendUnavailable;
    }
}
