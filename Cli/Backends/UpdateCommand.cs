using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Backends;

/// <summary><c>cas backend update PROVIDER</c></summary>
internal static class UpdateCommand
{
    /// <summary>Makes the command of one provider.</summary>
    public static Command Create(IProviderOptions provider)
    {
        var selection = new SelectionOptions();
        var swap = new Option<bool>("--swap") { Description = "With --default on the fallback: the default becomes the fallback in exchange" };
        var force = new Option<bool>("--force") { Description = "Select a backend even though it failed its last check" };
        var command = new Command(provider.Provider, provider.Meaning);
        foreach (var option in (Option[])[.. selection.All, swap, force, .. provider.Access])
        {
            command.Options.Add(option);
        }

        return command
            .Does(async run =>
            {
                var change = new BackendChange
                {
                    Description = run.Get(selection.Description),
                    MaxBytes = selection.ReadMaxBytes(run),
                    Default = run.Get(selection.Default),
                    Fallback = run.Get(selection.Fallback),
                    Swap = run.Get(swap) ? true : null,
                    Force = run.Get(force) ? true : null,
                    Credentials = await provider.ReadCredentialsAsync(run, isNew: false),
                };
                if (change.IsEmpty)
                {
                    throw CliFailure.Usage("Nothing to change.", $"See what can be changed: cas backend update {provider.Provider} --help");
                }

                await CheckProviderAsync(run, provider.Provider, run.Get(selection.Name)!);
                await selection.ConfirmDefaultAsync(run);
                var changed = await run.Api.SendAsync(
                    HttpMethod.Patch, BackendTable.PathOf(run.Get(selection.Name)!), change, CliJson.Default.BackendChange, run.Cancellation);
                run.Printer.Result(changed, answer => BackendTable.Write([answer.Json], full: false));
            })
            .Example(provider.Examples.Update);
    }

    /// <summary>A provider never changes; a wrong one on the command line means that the name is that of another backend.</summary>
    private static async Task CheckProviderAsync(CommandRun run, string provider, string name)
    {
        var backend = await run.Api.GetAsync(BackendTable.PathOf(name), run.Cancellation);
        if (backend.Json.Text("provider") is { } actual && actual != provider)
        {
            throw CliFailure.Usage($"Backend '{name}' is of provider {actual}, not {provider}.", $"Use: cas backend update {actual} --name {name} …");
        }
    }
}
