using System.CommandLine;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Commands;

/// <summary>Binds commands to what they do.</summary>
internal static class CommandActions
{
    private static readonly Dictionary<Command, string[]> Examples = [];

    /// <summary>Says what the command does, and turns its failures into messages and exit codes.</summary>
    public static Command Does(this Command command, Func<CommandRun, Task> action)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var run = new CommandRun(parsed, cancellationToken);
            try
            {
                await action(run);
                return (int)run.ExitCode;
            }
            catch (Exception failure) when (Describe(failure, cancellationToken) is { } told)
            {
                run.Printer.Error(told);
                return (int)told.ExitCode;
            }
        });
        return command;
    }

    /// <summary>Adds examples to the command's help, without the program's name.</summary>
    public static Command Example(this Command command, params string[] lines)
    {
        Examples[command] = lines;
        return command;
    }

    /// <summary>The command's examples.</summary>
    public static IReadOnlyList<string> ExamplesOf(Command command) => Examples.GetValueOrDefault(command, []);

    /// <summary>A failure in words for the user; null for what is a defect of the program.</summary>
    public static CliFailure? Describe(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        CliFailure told => told,
        ApiFailure answer => answer.ToCliFailure(),
        OperationCanceledException when cancellationToken.IsCancellationRequested => new CliFailure(ExitCode.Interrupted, "Interrupted."),
        HttpRequestException { InnerException: CliFailure told } => told,
        HttpRequestException or HttpIOException or TimeoutException or OperationCanceledException => ApiFailure.Unreachable(failure),
        FileNotFoundException or DirectoryNotFoundException => new CliFailure(ExitCode.NotFound, failure.Message),
        IOException or UnauthorizedAccessException => new CliFailure(ExitCode.Failed, failure.Message),
        _ => null,
    };
}
