using System.CommandLine;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Backends;

/// <summary><c>cas backend show</c></summary>
internal static class ShowCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var name = SelectionOptions.NameOption();
        return new Command("show", "Show one backend") { name }
            .Does(async run =>
            {
                var backend = await run.Api.GetAsync(BackendTable.PathOf(run.Get(name)!), run.Cancellation);
                run.Printer.Result(backend, answer => BackendTable.Describe(answer.Json));
            })
            .Example("cas backend show --name ghcr");
    }
}
