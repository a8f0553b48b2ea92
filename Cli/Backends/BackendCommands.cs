using System.CommandLine;

namespace CasFunctions.Cli.Backends;

/// <summary><c>cas backend</c>, also known as <c>cas cas-backend</c>.</summary>
internal static class BackendCommands
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var add = new Command("add", "Add a storage backend. It is tried out first; one that doesn't work is not added");
        var update = new Command("update", "Change a backend's description, limit, selection or credentials");
        foreach (var provider in (IProviderOptions[])[new OciOptions(), new S3Options(), new AzureBlobOptions()])
        {
            add.Subcommands.Add(AddCommand.Create(provider));
        }

        foreach (var provider in (IProviderOptions[])[new OciOptions(), new S3Options(), new AzureBlobOptions(), new InlineOptions()])
        {
            update.Subcommands.Add(UpdateCommand.Create(provider));
        }

        return new Command("backend", "Manage the organization's storage backends")
        {
            Aliases = { "cas-backend" },
            Subcommands = { add, update, ListCommand.Create(), ShowCommand.Create(), ValidateCommand.Create(), DeleteCommand.Create() },
        };
    }
}
