using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Backends;

/// <summary><c>cas backend ls</c></summary>
internal static class ListCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var full = new Option<bool>("--full") { Description = "Also why a backend fails, and when it was added and validated" };
        return new Command("ls", "List the backends") { Aliases = { "list" }, Options = { full } }
            .Does(async run =>
            {
                var backends = await BackendTable.ReadAsync(run);
                run.Printer.Result(backends, answer => BackendTable.Write(answer.Json.Items("backends"), run.Get(full)));
            })
            .Example("cas backend ls", "cas backend ls --full", "cas backend ls -o json");
    }
}
