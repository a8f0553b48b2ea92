using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Input;

namespace CasFunctions.Cli.Backends;

/// <summary>The options that all kinds of backends share.</summary>
internal sealed class SelectionOptions
{
    /// <summary>The backend's name.</summary>
    public Option<string> Name { get; } = NameOption();

    /// <summary>The description.</summary>
    public Option<string?> Description { get; } = new("--description") { Description = "What it is for", HelpName = "TEXT" };

    /// <summary>Whether it becomes the default.</summary>
    public Option<bool?> Default { get; } = new("--default") { Description = "Make it the default, where new content goes", HelpName = "true|false" };

    /// <summary>Whether it becomes the fallback.</summary>
    public Option<bool?> Fallback { get; } =
        new("--fallback") { Description = "Make it the fallback, where new content goes while the default fails", HelpName = "true|false" };

    /// <summary>The limit.</summary>
    public Option<string?> MaxBytes { get; } = new("--max-bytes") { Description = "Largest content, such as 500K, 100M or 2G", HelpName = "SIZE" };

    /// <summary>Answers questions beforehand.</summary>
    public Option<bool> Yes { get; } = YesOption();

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [Name, Description, Default, Fallback, MaxBytes, Yes];

    /// <summary>The name of an existing or new backend.</summary>
    public static Option<string> NameOption() => new("--name") { Description = "The backend's name", HelpName = "NAME", Required = true };

    /// <summary>The option that answers questions.</summary>
    public static Option<bool> YesOption() => new("--yes", "-y") { Description = "Don't ask" };

    /// <summary>The limit in bytes; null when it wasn't given.</summary>
    public long? ReadMaxBytes(CommandRun run) => run.Get(MaxBytes) is { } text ? ByteSize.Parse(text) : null;

    /// <summary>Asks before another backend stops being the default. Where nobody can be asked the command line counts as the answer.</summary>
    /// <exception cref="CliFailure">The answer is no.</exception>
    public async Task ConfirmDefaultAsync(CommandRun run)
    {
        if (run.Get(Default) != true || run.Get(Yes) || !Terminal.CanAsk)
        {
            return;
        }

        var backends = await BackendTable.ReadAsync(run);
        if (BackendTable.Default(backends) is { } current
            && current != run.Get(Name)
            && !Terminal.Confirm($"New content goes to '{current}' now. Make '{run.Get(Name)}' the default instead?"))
        {
            throw CliFailure.Usage("Nothing was changed.");
        }
    }
}
