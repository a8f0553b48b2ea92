using CasFunctions.Tests.Services;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CasFunctions.Tests.Console;

/// <summary>
/// Every page in light and dark, wide and narrow, through axe-core's rules. With <c>CAS_SCREENSHOTS=1</c> the pictures of docs/console.md
/// are taken on the way.
/// </summary>
[Collection(ConsoleCollection.Name)]
public sealed class AccessibilityTests(TestServices services, Browser browser)
{
    private static readonly AxeRunOptions Rules = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
        ResultTypes = [ResultType.Violations],
    };

    /// <summary>The one rule that looks at colours, which are all that dark changes.</summary>
    private static readonly AxeRunOptions Colours = new()
    {
        RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast"] },
        ResultTypes = [ResultType.Violations],
    };

    private static readonly Appearance[] Appearances = [Appearance.Light, new(true, 1280), new(false, 380), new(true, 380)];

    [Fact]
    public async Task Every_page_can_be_used_by_everybody_in_light_and_dark_wide_and_narrow()
    {
        await using var scene = await ConsoleScene.StartAsync(services);
        await using var window = await browser.OpenAsync(scene.Service.Address);
        var page = window.Page;
        var found = new List<string>();

        await window.GoAsync();
        await CheckAsync("sign-in");
        await window.SignInAsync(scene.Tenant.OwnerToken);
        foreach (var (route, name) in new[]
        {
            ("/", "overview"), ("/backends", "backends"), ("/backends/registry", "backend"), ("/backends/add", "add-backend"),
            ("/artifacts", "artifacts"), ($"/artifacts/{scene.Newest}", "artifact"), ("/owners", "owners"), ("/tokens", "tokens"),
            ("/trusts", "trusts"), ("/audit", "audit"), ("/nowhere", "nowhere"),
        })
        {
            await window.GoAsync(route);
            await CheckAsync(name);
        }

        await OpenDialogAsync("/tokens", "Create token", "create-token");
        await OpenDialogAsync("/trusts", "Add trust", "add-trust");
        await OpenDialogAsync("/backends/registry", "Rotate credentials", "rotate");
        await OpenDialogAsync("/backends/ceph", "Make default", "make-default");

        Assert.True(found.Count == 0, string.Join('\n', found));

        async Task OpenDialogAsync(string route, string button, string name)
        {
            await window.GoAsync(route);
            await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            await CheckAsync(name);
            await page.Keyboard.PressAsync("Escape");
        }

        async Task CheckAsync(string name)
        {
            await window.SettleAsync();
            foreach (var appearance in Appearances)
            {
                await window.AppearAsync(appearance);
                var result = await page.RunAxe(appearance.IsDark ? Colours : Rules);
                found.AddRange(
                    from violation in result.Violations
                    where violation.Impact is "serious" or "critical"
                    from node in violation.Nodes
                    let reasons = node.Any.Concat(node.All).Concat(node.None).Select(check => check.Message)
                    select $"{name}, {appearance}: {violation.Id} at {node.Target}: {node.Html}: {string.Join(' ', reasons)}");
                var overflow = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth");
                if (overflow > 0)
                {
                    found.Add($"{name}, {appearance}: {overflow} px too wide");
                }

                await window.PictureAsync(name, appearance);
            }
        }
    }
}
