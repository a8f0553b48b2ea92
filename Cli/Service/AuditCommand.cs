using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Service;

/// <summary><c>cas audit</c></summary>
internal static class AuditCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var pages = new PageOptions();
        var command = new Command("audit", "Show who did what in the organization");
        pages.AddTo(command);
        return command
            .Does(run => pages.WriteAsync(run, "/v1/audit", [], answer => Tables.WriteMembers(answer.Json.Items("events"))))
            .Example("cas audit", "cas audit --all -o json");
    }
}
