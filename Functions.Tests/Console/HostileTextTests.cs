using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CasFunctions.Tests.Services;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CasFunctions.Tests.Console;

/// <summary>Script in whatever the service stores or answers is shown as the text that it is.</summary>
[Collection(ConsoleCollection.Name)]
public sealed partial class HostileTextTests(TestServices services, Browser browser)
{
    private const string Script = "\"'></code><img src=x data-injected onerror=alert(1)>"
        + "<script data-injected>alert(2)</script><svg data-injected onload=alert(3)>";

    /// <summary>What the console decides by, and what tests elsewhere hold to be one of a few words.</summary>
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "role", "status", "kind", "outcome", "next", "url", "uploadUrl", "casfunctions.status", "casfunctions.inline",
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Script_in_any_field_is_shown_as_text(bool everywhere)
    {
        await using var scene = await ConsoleScene.StartAsync(services, Script);
        await using var window = await browser.OpenAsync(scene.Service.Address);
        var page = window.Page;
        await window.SignInAsync(scene.Tenant.OwnerToken);
        if (everywhere)
        {
            // Also where the service lets none in: names, locations, reasons, actors, addresses, its own errors.
            await page.RouteAsync("**/v1/**", PoisonAsync);
        }

        var escaped = Uri.EscapeDataString(Script);
        foreach (var route in new[]
        {
            "/backends", "/backends/azure" + (everywhere ? escaped : ""), "/backends/" + escaped, "/artifacts",
            $"/artifacts/{scene.Newest}", "/artifacts/sha256:" + new string('a', 64), "/owners", "/tokens", "/trusts", "/audit", "/",
        })
        {
            await window.GoAsync(route);
            await window.SettleAsync();
            if (everywhere || route is "/backends" or "/artifacts" or "/tokens" or "/trusts" or "/audit")
            {
                await Expect(page.GetByRole(AriaRole.Main).GetByText("<img src=x data-injected").First).ToBeAttachedAsync();
            }

            await Expect(page.Locator("[data-injected]")).ToHaveCountAsync(0);
        }

        await window.AssertNoFaultsAsync();
    }

    /// <summary>The test above can fail: what it would find is found.</summary>
    [Fact]
    public async Task Script_that_got_into_the_page_would_not_run_and_would_be_noticed()
    {
        await using var scene = await ConsoleScene.StartAsync(services);
        await using var window = await browser.OpenAsync(scene.Service.Address);
        await window.SignInAsync(scene.Tenant.OwnerToken);

        // Trusted Types refuse the text as markup before the policy has to refuse the script in it.
        var refused = await window.Page.EvaluateAsync<bool>(
            """
            script => {
              try {
                document.body.innerHTML = script;
                return false;
              } catch (refusal) {
                return refusal instanceof TypeError;
              }
            }
            """,
            Script);

        Assert.True(refused);
        await Expect(window.Page.Locator("[data-injected]")).ToHaveCountAsync(0);
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(window.AssertNoFaultsAsync);
    }

    /// <summary>Appends the script to every text of an answer but times, numbers, digests and words that the API defines.</summary>
    private static async Task PoisonAsync(IRoute route)
    {
        var reply = await route.FetchAsync();
        var body = await reply.TextAsync();
        if (!body.StartsWith('{'))
        {
            await route.FulfillAsync(new() { Response = reply });
            return;
        }

        var document = JsonNode.Parse(body)!;
        Poison(document);
        await route.FulfillAsync(new() { Status = reply.Status, ContentType = "application/json", Body = document.ToJsonString() });
    }

    private static void Poison(JsonNode node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToList())
                {
                    if (value is JsonValue text && text.GetValueKind() == JsonValueKind.String)
                    {
                        if (!Words.Contains(name) && !IsPlain(text.GetValue<string>()))
                        {
                            members[name] = text.GetValue<string>() + Script;
                        }
                    }
                    else if (value is not null)
                    {
                        Poison(value);
                    }
                }

                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is JsonValue text && text.GetValueKind() == JsonValueKind.String)
                    {
                        items[i] = text.GetValue<string>() + Script;
                    }
                    else if (items[i] is { } item)
                    {
                        Poison(item);
                    }
                }

                break;
        }
    }

    private static bool IsPlain(string text) =>
        Number().IsMatch(text) || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    [GeneratedRegex("^(sha256:[0-9a-f]{64}|[0-9a-f]{64}|[0-9]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Number();
}
