using System.CommandLine;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Input;

/// <summary>
/// A secret and the ways to give it: on the command line, where other users of the machine can see it; from a file; from standard input;
/// from the environment; or typed in.
/// </summary>
internal sealed class SecretOption
{
    private const int MaxLength = 64 * 1024;

    private readonly string _name;
    private readonly string _meaning;
    private readonly string? _variable;

    /// <summary>Makes the options of one secret.</summary>
    /// <param name="name">Its name on the command line, without hyphens before it.</param>
    /// <param name="meaning">What it is, for the help and the prompt.</param>
    /// <param name="variable">The environment variable; null for none.</param>
    /// <param name="aliases">Short names.</param>
    public SecretOption(string name, string meaning, string? variable, params string[] aliases)
    {
        _name = name;
        _meaning = meaning;
        _variable = variable;
        var orVariable = variable is null ? "" : $" or {variable}";
        var environment = variable is null ? "" : $" [environment: {variable}]";
        Value = new Option<string?>("--" + name, aliases) { Description = $"{meaning}; better given by the options below{orVariable}", HelpName = "SECRET" };
        File = new Option<string?>($"--{name}-file") { Description = $"Read the {meaning} from this file{environment}", HelpName = "FILE" };
        Stdin = new Option<bool>($"--{name}-stdin") { Description = $"Read the {meaning} from standard input" };
    }

    /// <summary>The secret itself on the command line.</summary>
    public Option<string?> Value { get; }

    /// <summary>The secret's file.</summary>
    public Option<string?> File { get; }

    /// <summary>The secret on standard input.</summary>
    public Option<bool> Stdin { get; }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> Options => [Value, File, Stdin];

    /// <summary>True when the command line names the secret. The environment alone doesn't: it may be there for other commands.</summary>
    public bool IsNamed(CommandRun run) => run.Has(Value) || run.Has(File) || run.Get(Stdin);

    /// <summary>The secret; null when it is nowhere and nobody can be asked.</summary>
    /// <exception cref="CliFailure">It is given in two ways, or can't be read.</exception>
    public async Task<string?> FindAsync(CommandRun run, bool ask)
    {
        if (new[] { run.Has(Value), run.Has(File), run.Get(Stdin) }.Count(given => given) > 1)
        {
            throw CliFailure.Usage($"The {_meaning} is given more than once: use one of --{_name}, --{_name}-file and --{_name}-stdin.");
        }

        if (run.Get(Value) is { } value)
        {
            return value;
        }

        if (run.Get(File) is { } file)
        {
            using var reader = System.IO.File.OpenText(file);
            return await ReadAsync(reader, run.Cancellation);
        }

        if (run.Get(Stdin))
        {
            return await ReadAsync(Console.In, run.Cancellation);
        }

        return _variable is not null && Environment.GetEnvironmentVariable(_variable) is { Length: > 0 } variable ? variable : ask && Terminal.CanAsk ? Terminal.ReadSecret(_meaning) : null;
    }

    /// <summary>The secret.</summary>
    /// <exception cref="CliFailure">It is nowhere, or can't be read.</exception>
    public async Task<string> RequireAsync(CommandRun run) =>
        await FindAsync(run, ask: true) is { Length: > 0 } secret
            ? secret
            : throw CliFailure.Usage(
                $"The {_meaning} is missing.",
                $"Give it by --{_name}-file FILE or --{_name}-stdin{(_variable is null ? "" : $", or by the environment variable {_variable}")}.");

    private async Task<string> ReadAsync(TextReader reader, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxLength + 1];
        var count = await reader.ReadBlockAsync(buffer, cancellationToken);
        return count > MaxLength
            ? throw CliFailure.Usage($"The {_meaning} is longer than {MaxLength} characters: is it the right file?")
            : new string(buffer, 0, count).TrimEnd('\r', '\n');
    }
}
