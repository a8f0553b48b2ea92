using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace CasFunctions.Tests.Console;

/// <summary>
/// A window with the web console. What a page must never do is noted as it happens: errors, dialogs, refusals of the content security
/// policy, requests to other hosts, tokens in addresses.
/// </summary>
public sealed class ConsoleWindow : IAsyncDisposable
{
    /// <summary>How long a busy machine may take for what is expected of a page, in milliseconds.</summary>
    internal const float Patience = 20_000;

    private const int MostTabs = 50;

    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly IBrowserContext _context;

    private readonly string _address;

    private ConsoleWindow(IBrowserContext context, IPage page, Uri address)
    {
        _context = context;
        _address = address.ToString();
        Page = page;
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>The addresses of all requests so far.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    internal static async Task<ConsoleWindow> CreateAsync(IBrowserContext context, Uri address)
    {
        context.SetDefaultTimeout(Patience);
        var window = new ConsoleWindow(context, await context.NewPageAsync(), address);
        await window.WatchAsync();
        return window;
    }

    /// <summary>Opens a page of the console.</summary>
    /// <param name="route">The part after the hash. With one, a page that is open is not loaded anew.</param>
    public async Task GoAsync(string route = "/")
    {
        await Page.GotoAsync("/ui/#" + route);
        await FramesAsync();
    }

    /// <summary>Opens the console and signs in.</summary>
    public async Task SignInAsync(string token)
    {
        await GoAsync();
        await Page.GetByLabel("API token").FillAsync(token);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
    }

    /// <summary>Waits until the page has read what it shows.</summary>
    public async Task SettleAsync()
    {
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        await Assertions.Expect(Page.Locator(".loading")).ToHaveCountAsync(0);
    }

    /// <summary>Changes how it looks.</summary>
    public async Task AppearAsync(Appearance appearance)
    {
        ArgumentNullException.ThrowIfNull(appearance);
        await Page.EmulateMediaAsync(new() { ColorScheme = appearance.IsDark ? ColorScheme.Dark : ColorScheme.Light });
        await Page.SetViewportSizeAsync(appearance.Width, appearance.Height);

        await FramesAsync();
    }

    /// <summary>Takes a picture for the documentation, where the environment asks for it and docs/console.md shows it.</summary>
    public async Task PictureAsync(string name, Appearance appearance)
    {
        ArgumentNullException.ThrowIfNull(appearance);
        if (Environment.GetEnvironmentVariable("CAS_SCREENSHOTS") != "1")
        {
            return;
        }

        var docs = Path.Combine(Services.Prerequisite.RepositoryRoot, "docs");
        var look = (appearance.IsDark ? "dark" : "light") + (appearance.Width < Appearance.Light.Width ? "-narrow" : "");
        var file = $"images/console-{name}-{look}.png";
        if (File.ReadAllText(Path.Combine(docs, "console.md")).Contains(file, StringComparison.Ordinal))
        {
            await Page.ScreenshotAsync(new()
            {
                Path = Path.Combine(docs, file),
                Animations = ScreenshotAnimations.Disabled,
                Caret = ScreenshotCaret.Hide,
                Scale = ScreenshotScale.Css,
            });
        }
    }

    /// <summary>Presses Tab until an element has the focus.</summary>
    public async Task TabToAsync(ILocator target)
    {
        ArgumentNullException.ThrowIfNull(target);
        await target.WaitForAsync();
        for (var presses = 0; presses < MostTabs; presses++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }

            await Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"The Tab key does not lead to {target}.");
    }

    /// <summary>Drops a file from the disk on an element, as a hand with a mouse does.</summary>
    public async Task DropAsync(ILocator target, string file)
    {
        ArgumentNullException.ThrowIfNull(target);
        await target.ScrollIntoViewIfNeededAsync();
        var box = (await target.BoundingBoxAsync())!;
        var (x, y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        var session = await _context.NewCDPSessionAsync(Page);
        foreach (var type in (string[])["dragEnter", "dragOver", "drop"])
        {
            await session.SendAsync("Input.dispatchDragEvent", new()
            {
                ["type"] = type,
                ["x"] = x,
                ["y"] = y,
                ["data"] = new { items = Array.Empty<object>(), files = new[] { file }, dragOperationsMask = 1 },
            });
        }

        await session.DetachAsync();
    }

    /// <summary>Fails the test when the page has done what it never must.</summary>
    public async Task AssertNoFaultsAsync()
    {
        // What the page has noted so far comes in the order in which it happened; this waits for it.
        await Page.EvaluateAsync("() => 0");
        Assert.Empty(_faults);
    }

    /// <summary>Closes the window.</summary>
    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    /// <summary>Waits until the page has drawn what changed last.</summary>
    private Task FramesAsync() => Page.EvaluateAsync("""
        async () => {
          await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
          const ending = document.getAnimations().filter(animation => animation.effect.getComputedTiming().endTime !== Infinity);
          await Promise.allSettled(ending.map(animation => animation.finished));
        }
        """);

    private async Task WatchAsync()
    {
        await Page.ExposeFunctionAsync("noteFault", (string fault) => _faults.Enqueue(fault));
        await Page.AddInitScriptAsync("""
            addEventListener('securitypolicyviolation', e => noteFault(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
            """);
        Page.PageError += (_, error) => _faults.Enqueue("error: " + error);
        Page.Dialog += async (_, dialog) =>
        {
            _faults.Enqueue("dialog: " + dialog.Message);
            await dialog.DismissAsync();
        };
        Page.Console += (_, message) =>
        {
            // Chromium writes a line of its own for every answer of 400 and above.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                _faults.Enqueue($"{message.Type}: {message.Text}");
            }
        };
        _context.Request += (_, request) =>
        {
            _requests.Enqueue(request.Url);
            if (!request.Url.StartsWith(_address, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                _faults.Enqueue("request to elsewhere: " + request.Url);
            }

            if (request.Url.Contains("cas_", StringComparison.Ordinal))
            {
                _faults.Enqueue("token in an address: " + request.Url);
            }
        };
    }
}
