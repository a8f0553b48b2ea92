using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Backends;

/// <summary><c>cas backend delete</c></summary>
internal static class DeleteCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var name = SelectionOptions.NameOption();
        var purge = new Option<bool>("--purge") { Description = "Also when it holds artifacts: they can't be fetched through this service any more" };
        var yes = SelectionOptions.YesOption();
        return new Command("delete", "Delete a backend. One that holds artifacts is archived: it takes nothing new and stays readable") { name, purge, yes }
            .Does(async run =>
            {
                var backend = run.Get(name)!;
                await ConfirmAsync(run, backend, run.Get(purge), run.Get(yes));
                var path = BackendTable.PathOf(backend) + (run.Get(purge) ? "?purge=true" : "");
                var deleted = await run.Api.DeleteAsync(path, run.Cancellation);

                // One request forgets no more artifacts than fit into its time.
                while (deleted.Json.Number("purged") > 0 && deleted.Json.Flag("archived"))
                {
                    deleted = await run.Api.DeleteAsync(path, run.Cancellation);
                }

                run.Printer.Result(deleted, answer => Printer.Line(Describe(answer)));
            })
            .Example("cas backend delete --name old", "cas backend delete --name old --purge --yes");
    }

    private static async Task ConfirmAsync(CommandRun run, string name, bool purge, bool yes)
    {
        if (yes)
        {
            return;
        }

        var isDefault = BackendTable.Default(await BackendTable.ReadAsync(run)) == name;
        if (!isDefault && !purge)
        {
            return;
        }

        if (!Terminal.CanAsk)
        {
            throw CliFailure.Usage(
                isDefault ? $"'{name}' is the default backend." : $"'{name}' may hold artifacts, and they would be lost.", "Add --yes if you mean it.");
        }

        var question = isDefault ? $"'{name}' is the default backend. Delete it?" : $"Delete '{name}' together with what is known of its artifacts?";
        if (!Terminal.Confirm(question))
        {
            throw CliFailure.Usage("Nothing was deleted.");
        }
    }

    private static string Describe(ApiAnswer answer)
    {
        var document = answer.Json;
        var held = document.Number("artifacts") is > 0 and var count ? $" ({(document.Flag("atLeast") ? "at least " : "")}{count} artifacts)" : "";
        return document.Flag("archived")
            ? $"{document.Text("name")}: archived{held}. It takes nothing new and stays readable."
            : $"{document.Text("name")}: deleted{held}.";
    }
}
