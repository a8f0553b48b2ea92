using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Input;

namespace CasFunctions.Cli.Transfers;

/// <summary>The options of commands that move content.</summary>
internal static class TransferOptions
{
    /// <summary>How long to go on without progress.</summary>
    public static Option<string> RetryFor() => new("--retry-for")
    {
        Description = "How long to go on trying while nothing gets ahead, such as 10m; 0s to give up at the first failure",
        HelpName = "TIME",
        DefaultValueFactory = _ => "2m",
    };

    /// <summary>Reads the option.</summary>
    public static Patience Patience(CommandRun run, Option<string> option) => new(Duration.Parse(run.Get(option)!), TimeProvider.System);
}
