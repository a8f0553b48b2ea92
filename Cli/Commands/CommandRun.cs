using System.CommandLine;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Login;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Commands;

/// <summary>One run of a command: its options, the service that it talks to and where it writes.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly ParseResult _parsed;
    private CasApi? _api;

    /// <summary>Takes what was parsed.</summary>
    public CommandRun(ParseResult parsed, CancellationToken cancellationToken)
    {
        _parsed = parsed;
        Cancellation = cancellationToken;
        Printer = new Printer(parsed.GetValue(GlobalOptions.Format), parsed.GetValue(GlobalOptions.Quiet));
    }

    /// <summary>Ends the command, on Ctrl-C for instance.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Where results, notes and errors go.</summary>
    public Printer Printer { get; }

    /// <summary>What the program ends with when nothing is thrown.</summary>
    public ExitCode ExitCode { get; set; }

    /// <summary>The service, with the user's token.</summary>
    /// <exception cref="CliFailure">No address is known.</exception>
    public CasApi Api => _api ??= new CasApi(Account());

    /// <summary>The value of an option; its default when it was not given.</summary>
    public T? Get<T>(Option<T> option) => _parsed.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T? Get<T>(Argument<T> argument) => _parsed.GetValue(argument);

    /// <summary>True when the option stands on the command line.</summary>
    public bool Has(Option option) => _parsed.GetResult(option) is { Implicit: false };

    /// <summary>The service and the token to use.</summary>
    /// <exception cref="CliFailure">No address is known.</exception>
    public Account Account() => Login.Account.Find(Get(GlobalOptions.Address), Get(GlobalOptions.Organization));

    /// <inheritdoc/>
    public void Dispose() => _api?.Dispose();
}
