using System.Net;
using System.Text.Json;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CasFunctions.Tests.Console;

/// <summary>Who gets in, what becomes of the token, and what each role is offered.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class SignInTests(TestServices services, RunningService running, Browser browser)
{
    [Fact]
    public async Task A_token_that_is_none_lets_nobody_in_and_is_told_at_its_field()
    {
        await using var window = await browser.OpenAsync((await running.GetAsync(services)).Address);
        await window.GoAsync();
        var field = window.Page.GetByLabel("API token");
        var submit = window.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" });
        foreach (var token in new[] { "", "cas_wrong", "not a token ü" })
        {
            await field.FillAsync(token);
            await submit.ClickAsync();
            await Expect(field).ToHaveAttributeAsync("aria-invalid", "true");
            await Expect(field).ToBeFocusedAsync();
        }

        await Expect(window.Page).ToHaveTitleAsync("Sign in · CasFunctions");
        await window.AssertNoFaultsAsync();
    }

    [Fact]
    public async Task The_token_is_kept_in_memory_alone_unless_asked_and_sign_out_forgets_it()
    {
        var tenant = await running.NewTenantAsync(services);
        await using var window = await browser.OpenAsync(tenant.Address);
        var page = window.Page;
        await window.SignInAsync(tenant.OwnerToken);
        await Expect(page.GetByText(tenant.Name)).ToBeVisibleAsync();
        Assert.DoesNotContain("cas_", await StoredAsync(page), StringComparison.Ordinal);
        await page.ReloadAsync();
        await Expect(page.GetByLabel("API token")).ToHaveValueAsync("");

        await page.GetByLabel("API token").FillAsync(tenant.OwnerToken);
        await page.GetByLabel("Keep for this tab").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByText(tenant.Name)).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByText(tenant.Name)).ToBeVisibleAsync();
        var kept = JsonDocument.Parse(await StoredAsync(page)).RootElement;
        Assert.Contains(tenant.OwnerToken, kept.GetProperty("session").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("cas_", kept.GetProperty("rest").GetString(), StringComparison.Ordinal);

        await page.GetByRole(AriaRole.Link, new() { Name = "Backends" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByLabel("API token")).ToHaveValueAsync("");
        Assert.DoesNotContain("cas_", await StoredAsync(page), StringComparison.Ordinal);
        await page.GoBackAsync();
        await page.ReloadAsync();
        await Expect(page.GetByLabel("API token")).ToHaveValueAsync("");
        await window.AssertNoFaultsAsync();
    }

    [Fact]
    public async Task A_revoked_token_ends_the_session()
    {
        var tenant = await running.NewTenantAsync(services);
        var token = (await tenant.PostAsync("/v1/tokens", new { name = "console", role = "owner" })).Expect(HttpStatusCode.Created);
        await using var window = await browser.OpenAsync(tenant.Address);
        await window.SignInAsync(token["token"]!);

        (await tenant.DeleteAsync("/v1/tokens/" + token["id"])).Expect(HttpStatusCode.NoContent);

        // By its address, not by a link: what the first page still reads may end the session sooner, and the links go with it.
        await window.GoAsync("/backends");

        await Expect(window.Page.GetByLabel("API token")).ToBeVisibleAsync();
        await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("revoked");
        await window.AssertNoFaultsAsync();
    }

    [Theory]
    [InlineData("viewer", false, false)]
    [InlineData("downloader", true, false)]
    [InlineData("uploader", false, true)]
    [InlineData("owner", true, true)]
    public async Task A_role_is_offered_what_it_may_do_and_nothing_else(string role, bool downloads, bool uploads)
    {
        var tenant = await running.NewTenantAsync(services);
        (await tenant.PutArtifactAsync([1, 2, 3], "report.xml")).Expect(HttpStatusCode.Created);
        var owner = role == "owner";
        await using var window = await browser.OpenAsync(tenant.Address);
        var page = window.Page;
        await window.SignInAsync(await tenant.NewTokenAsync(role));
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Owners" })).ToBeVisibleAsync();
        foreach (var name in new[] { "Tokens", "Trusts", "Audit log" })
        {
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = name })).ToHaveCountAsync(owner ? 1 : 0);
        }

        await window.GoAsync("/artifacts");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "report.xml" })).ToBeVisibleAsync();
        await Expect(page.GetByTestId("drop-zone")).ToHaveCountAsync(uploads ? 1 : 0);
        await page.GetByRole(AriaRole.Link, new() { Name = "report.xml" }).ClickAsync();
        await Expect(page.GetByText("3 bytes")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Download" })).ToHaveCountAsync(downloads ? 1 : 0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Verify now" })).ToHaveCountAsync(owner ? 1 : 0);

        await window.GoAsync("/backends");
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "inline" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Add backend" })).ToHaveCountAsync(owner ? 1 : 0);
        await window.GoAsync("/tokens");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = owner ? "Tokens" : "For owners", Level = 1 })).ToBeVisibleAsync();
        Assert.Equal(!owner, window.Requests.All(address => !address.EndsWith("/v1/tokens", StringComparison.Ordinal)));
        await window.AssertNoFaultsAsync();
    }

    [Fact]
    public async Task A_token_is_made_with_the_keyboard_alone()
    {
        var tenant = await running.NewTenantAsync(services);
        await using var window = await browser.OpenAsync(tenant.Address);
        var (page, keyboard) = (window.Page, window.Page.Keyboard);
        await window.GoAsync();
        await window.TabToAsync(page.GetByLabel("API token"));
        await keyboard.TypeAsync(tenant.OwnerToken);
        await keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Overview", Level = 1 })).ToBeVisibleAsync();

        await window.TabToAsync(page.GetByRole(AriaRole.Link, new() { Name = "Tokens" }));
        await keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Tokens", Level = 1 })).ToBeFocusedAsync();
        var create = page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Create token" });
        await window.TabToAsync(create);
        await keyboard.PressAsync("Enter");
        var dialog = page.GetByRole(AriaRole.Dialog);
        await window.TabToAsync(dialog.GetByLabel("Name", new() { Exact = true }));
        await keyboard.TypeAsync("by keyboard");
        await window.TabToAsync(dialog.GetByRole(AriaRole.Radio, new() { Checked = true }));
        await keyboard.PressAsync("ArrowDown");
        await window.TabToAsync(dialog.GetByRole(AriaRole.Button, new() { Name = "Create token" }));
        await keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The token is created" })).ToBeVisibleAsync();
        await Expect(dialog.GetByText("cas_")).ToBeVisibleAsync();
        await window.TabToAsync(dialog.GetByRole(AriaRole.Button, new() { Name = "I have stored it" }));
        await keyboard.PressAsync("Enter");

        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(create).ToBeFocusedAsync();
        var row = page.GetByRole(AriaRole.Row, new() { Name = "by keyboard" });
        await Expect(row).ToContainTextAsync("Downloader");
        Assert.DoesNotContain("cas_", await page.ContentAsync(), StringComparison.Ordinal);
        await window.AssertNoFaultsAsync();
    }

    /// <summary>All that the page has stored, as JSON: the tab's own storage, and the rest.</summary>
    private static async Task<string> StoredAsync(IPage page) => await page.EvaluateAsync<string>("""
        () => JSON.stringify({
          session: JSON.stringify(sessionStorage),
          rest: JSON.stringify(localStorage) + document.cookie + location.href + JSON.stringify(history.state),
        })
        """);
}
