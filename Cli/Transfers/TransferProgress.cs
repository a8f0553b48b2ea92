using CasFunctions.Cli.Output;
using Spectre.Console;

namespace CasFunctions.Cli.Transfers;

/// <summary>Shows how far a transfer is: a bar with speed and time left where standard error is a terminal, nothing elsewhere.</summary>
internal sealed class TransferProgress
{
    private readonly ProgressContext? _context;
    private ProgressTask? _bar;

    private TransferProgress(ProgressContext? context) => _context = context;

    /// <summary>Shows a transfer's progress while it goes on.</summary>
    /// <param name="printer">Knows whether progress is wanted.</param>
    /// <param name="transfer">The transfer.</param>
    public static async Task<T> ShowAsync<T>(Printer printer, Func<TransferProgress, Task<T>> transfer)
    {
        if (printer.Quiet || Console.IsErrorRedirected)
        {
            return await transfer(new TransferProgress(null));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new BarColumn(),
                new PercentageColumn(),
                new DownloadedColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(context => transfer(new TransferProgress(context)));
    }

    /// <summary>Begins a stage of the transfer, with a bar of its own.</summary>
    /// <param name="stage">What is done with what.</param>
    /// <param name="size">How many bytes that are.</param>
    /// <param name="done">How many of them are done already.</param>
    public void Begin(string stage, long size, long done = 0)
    {
        _bar?.StopTask();
        _bar = _context?.AddTask(Markup.Escape(Shorten(DisplayText.Safe(stage))), maxValue: Math.Max(1, size));
        MoveTo(done);
    }

    /// <summary>Some bytes more.</summary>
    public void Add(long bytes) => _bar?.Increment(bytes);

    /// <summary>Back or ahead to a number of bytes.</summary>
    public void MoveTo(long bytes)
    {
        if (_bar is not null)
        {
            _bar.Value = bytes;
        }
    }

    private static string Shorten(string name) => name.Length <= 32 ? name : name[..31] + "…";
}
