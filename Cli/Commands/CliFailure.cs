namespace CasFunctions.Cli.Commands;

/// <summary>Ends the command with a message for the user and an exit code.</summary>
/// <param name="exitCode">What the program ends with.</param>
/// <param name="message">What is wrong.</param>
/// <param name="hint">What to do about it.</param>
internal sealed class CliFailure(ExitCode exitCode, string message, string? hint = null) : Exception(message)
{
    /// <summary>What the program ends with.</summary>
    public ExitCode ExitCode { get; } = exitCode;

    /// <summary>What to do about it.</summary>
    public string? Hint { get; } = hint;

    /// <summary>The command line is not usable.</summary>
    public static CliFailure Usage(string message, string? hint = null) => new(ExitCode.Usage, message, hint);
}
