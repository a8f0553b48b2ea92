using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Service;

/// <summary><c>cas usage</c></summary>
internal static class UsageCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new Command("usage", "Show how much is stored and moved, by backend and day")
        .Does(async run =>
        {
            var usage = await run.Api.GetAsync("/v1/usage", run.Cancellation);
            run.Printer.Result(usage, answer => Tables.WriteMembers(answer.Json.Items("usage")));
        })
        .Example("cas usage", "cas usage -o json");
}
