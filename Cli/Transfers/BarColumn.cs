using Spectre.Console;
using Spectre.Console.Rendering;

namespace CasFunctions.Cli.Transfers;

/// <summary>A progress bar that can be read without colours.</summary>
internal sealed class BarColumn : ProgressColumn
{
    private const int Width = 32;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        var done = (int)(Math.Clamp(task.Percentage, 0, 100) / 100 * Width);
        return options.Unicode
            ? new Text(new string('█', done) + new string('░', Width - done))
            : new Text($"[{new string('#', done)}{new string('-', Width - done)}]");
    }
}
