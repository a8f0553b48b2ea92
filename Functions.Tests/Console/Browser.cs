using CasFunctions.Tests.Console;
using CasFunctions.Tests.Services;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace CasFunctions.Tests.Console;

/// <summary>One headless Chromium for all tests of a run, started when a test first asks for a page.</summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Chromium)>> _started = new(StartAsync);

    /// <summary>Opens a window of its own, which shares nothing with others.</summary>
    /// <param name="address">The address of the service.</param>
    /// <param name="appearance">How it looks.</param>
    public async Task<ConsoleWindow> OpenAsync(Uri address, Appearance? appearance = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        appearance ??= Appearance.Light;
        var (_, chromium) = await _started.Value;
        var context = await chromium.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            ColorScheme = appearance.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new() { Width = appearance.Width, Height = appearance.Height },
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
            TimezoneId = "UTC",
            AcceptDownloads = true,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        return await ConsoleWindow.CreateAsync(context, address);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated && _started.Value.IsCompletedSuccessfully)
        {
            var (playwright, chromium) = await _started.Value;
            await chromium.DisposeAsync();
            playwright.Dispose();
        }
    }

    private static async Task<(IPlaywright Playwright, IBrowser Chromium)> StartAsync()
    {
        var program = Prerequisite.Find("chromium") ?? Prerequisite.Program("google-chrome", "or Debian package chromium");
        var playwright = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(ConsoleWindow.Patience);
        var chromium = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,

            // Fonts are smoothed the same way everywhere, so that pictures of one machine are those of another.
            Args = ["--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"],
        });
        return (playwright, chromium);
    }
}

/// <summary>How a window looks.</summary>
/// <param name="IsDark">Whether the system asks for dark colours.</param>
/// <param name="Width">Its width in CSS pixels.</param>
/// <param name="Height">Its height in CSS pixels.</param>
public sealed record Appearance(bool IsDark, int Width, int Height = 800)
{
    /// <summary>A desk's screen in light colours.</summary>
    public static Appearance Light { get; } = new(false, 1280);
}
