using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Output;
using CasFunctions.Cli.Service;

namespace CasFunctions.Cli.Artifacts;

/// <summary><c>cas artifact ls</c></summary>
internal static class ListArtifactsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var name = new Option<string?>("--name") { Description = "Only artifacts whose name begins with this", HelpName = "TEXT" };
        var pages = new PageOptions();
        var command = new Command("ls", "List the artifacts, the newest first") { Aliases = { "list" }, Options = { name } };
        pages.AddTo(command);
        return command
            .Does(run => pages.WriteAsync(run, "/v1/artifacts", [("name", run.Get(name))], Write))
            .Example("cas artifact ls --name sbom", "cas artifact ls --all -o json");
    }

    private static void Write(ApiAnswer answer) => Tables.Write(
        answer.Json.Items("artifacts"),
        Column.Of("DIGEST", "digest"),
        Column.Of("NAME", "name"),
        new Column("SIZE", artifact => artifact.Number("size") is { } size ? ByteSize.Moved(size) : null),
        Column.Of("BACKEND", "backend"),
        Column.Time("UPLOADED", "uploadedAt"),
        Column.Of("BY", "uploadedBy"));
}
