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
        var action = new Option<string?>("--action") { Description = "Only events of this kind, such as backend.created", HelpName = "ACTION" };
        var pages = new PageOptions();
        var command = new Command("audit", "Show who did what in the organization, the newest first") { action };
        pages.AddTo(command);
        return command
            .Does(run => pages.WriteAsync(run, "/v1/audit", [("action", run.Get(action))], Write))
            .Example("cas audit", "cas audit --all -o json");
    }

    private static void Write(ApiAnswer answer) => Tables.Write(
        answer.Json.Items("events"),
        Column.Time("AT", "at"),
        Column.Of("ACTOR", "actor"),
        Column.Of("ACTION", "action"),
        Column.Of("SUBJECT", "subject"),
        new Column("DETAILS", audited => audited.Member("details") is { } details
            ? string.Join(' ', details.EnumerateObject().Select(detail => $"{detail.Name}={detail.Value}"))
            : null));
}
