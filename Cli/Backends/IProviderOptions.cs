using System.CommandLine;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Backends;

/// <summary>The options that one kind of backend has. Each provider is one implementation.</summary>
internal interface IProviderOptions
{
    /// <summary>The provider's name, which is the subcommand's.</summary>
    string Provider { get; }

    /// <summary>What it is, for the help.</summary>
    string Meaning { get; }

    /// <summary>Where a backend is: for adding.</summary>
    IEnumerable<Option> Places { get; }

    /// <summary>How it is reached: for adding and for rotation.</summary>
    IEnumerable<Option> Access { get; }

    /// <summary>An example of adding one, and of rotating its credentials.</summary>
    (string[] Add, string[] Update) Examples { get; }

    /// <summary>Reads the settings of a new backend.</summary>
    IReadOnlyDictionary<string, string> ReadSettings(CommandRun run);

    /// <summary>Reads credentials; null when the command line gives none.</summary>
    /// <param name="run">The command.</param>
    /// <param name="isNew">Whether the backend is being added.</param>
    /// <exception cref="CliFailure">They are incomplete.</exception>
    Task<IReadOnlyDictionary<string, string>?> ReadCredentialsAsync(CommandRun run, bool isNew);
}
