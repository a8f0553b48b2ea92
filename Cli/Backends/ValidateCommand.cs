using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Backends;

/// <summary><c>cas backend validate</c></summary>
internal static class ValidateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var name = SelectionOptions.NameOption();
        return new Command("validate", $"Check a backend now. Ends with {(int)ExitCode.BackendUnavailable} when it doesn't work") { name }
            .Does(async run =>
            {
                var backend = await run.Api.PostAsync(BackendTable.PathOf(run.Get(name)!) + "/validation", run.Cancellation);
                run.Printer.Result(backend, answer => BackendTable.Describe(answer.Json));
                if (backend.Json.Text("status") != "healthy")
                {
                    run.ExitCode = ExitCode.BackendUnavailable;
                }
            })
            .Example("cas backend validate --name ghcr");
    }
}
