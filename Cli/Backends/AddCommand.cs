using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Backends;

/// <summary><c>cas backend add PROVIDER</c></summary>
internal static class AddCommand
{
    /// <summary>Makes the command of one provider.</summary>
    public static Command Create(IProviderOptions provider)
    {
        var selection = new SelectionOptions();
        var command = new Command(provider.Provider, provider.Meaning);
        foreach (var option in (Option[])[.. selection.All, .. provider.Places, .. provider.Access])
        {
            command.Options.Add(option);
        }

        return command
            .Does(async run =>
            {
                var backend = new NewBackend
                {
                    Name = run.Get(selection.Name)!,
                    Provider = provider.Provider,
                    Description = run.Get(selection.Description),
                    MaxBytes = selection.ReadMaxBytes(run),
                    Default = run.Get(selection.Default),
                    Fallback = run.Get(selection.Fallback),
                    Settings = provider.ReadSettings(run),
                    Credentials = await provider.ReadCredentialsAsync(run, isNew: true),
                };
                await selection.ConfirmDefaultAsync(run);
                var added = await run.Api.SendAsync(HttpMethod.Post, "/v1/backends", backend, CliJson.Default.NewBackend, run.Cancellation);
                run.Printer.Result(added, answer => BackendTable.Write([answer.Json], full: false));
            })
            .Example(provider.Examples.Add);
    }
}
