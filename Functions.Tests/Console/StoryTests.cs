using System.Security.Cryptography;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CasFunctions.Tests.Console;

/// <summary>What owners do with the console, from the first sign-in on, against real stores.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class StoryTests(TestServices services, Browser browser)
{
    private const float LargeContentPatience = 120_000;
    private const int MiddleAppend = 13;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_owner_adds_stores_sees_them_break_mends_them_and_chooses_where_uploads_go()
    {
        var azurite = await services.AzuriteAsync();
        var ceph = await services.CephS3Async();
        await using var registry = await OciRegistry.StartAsync(RegistryAccess.Basic);
        await using var service = await CasService.StartAsync(services, [ceph.Address.Port, registry.Address.Port]);
        var tenant = await service.NewTenantAsync();
        var bucket = await ceph.CreateBucketAsync(Cancellation);
        var key = await ceph.CreateKeyAsync();
        await using var window = await browser.OpenAsync(service.Address);
        var page = window.Page;

        await window.SignInAsync(tenant.OwnerToken);
        await AddAsync(
            page,
            "Azure Blob Storage, connection string",
            "azure",
            ("Container (optional)", tenant.Container.Name),
            ("Connection string", azurite.ConnectionString));
        await AddAsync(
            page,
            "MinIO, Ceph and other S3",
            "ceph",
            ("Endpoint", ceph.Address.ToString()),
            ("Bucket", bucket),
            ("Access key ID", key.AccessKey),
            ("Secret access key", key.SecretKey),
            ("Region (optional)", CephS3.Region));
        await AddAsync(
            page,
            "Other OCI registry",
            "registry",
            ("Repository", registry.Address.Authority + "/evidence"),
            ("Username (optional)", OciRegistry.UserName),
            ("Password (optional)", registry.Password));

        await SelectAsync(page, "azure", "Make default");
        await SelectAsync(page, "ceph", "Make fallback");
        await window.GoAsync("/backends");
        await Expect(Row(page, "azure").Locator("[data-label=Default]")).ToHaveTextAsync("Yes");
        await Expect(Row(page, "ceph").Locator("[data-label=Fallback]")).ToHaveTextAsync("Yes");
        Assert.Equal(("azure", "ceph"), await service.SelectionRowAsync(tenant.Name));

        await ceph.RemoveKeyAsync(key.AccessKey);
        await registry.SetUsersAsync((OciRegistry.UserName, "another password"));
        await ValidateAsync(page, "ceph", "Invalid");
        await ValidateAsync(page, "registry", "Invalid");
        await Expect(Row(page, "ceph").Locator(".badge.bad")).ToBeVisibleAsync();
        await Expect(Row(page, "ceph").Locator(".reason")).ToContainTextAsync("access key");
        await Expect(Row(page, "registry").Locator(".reason")).ToContainTextAsync("refuses the credentials");
        await window.GoAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your evidence needs attention" })).ToBeVisibleAsync();

        // What doesn't work changes nothing, and says so where it was entered.
        await RotateAsync(page, "ceph", ("Access key ID", key.AccessKey), ("Secret access key", key.SecretKey));
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Alert)).ToContainTextAsync("access key");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.Locator(".facts .badge.bad")).ToHaveTextAsync("Invalid");

        var fresh = await ceph.CreateKeyAsync();
        await RotateAsync(page, "ceph", ("Access key ID", fresh.AccessKey), ("Secret access key", fresh.SecretKey));
        await Expect(page.Locator(".facts .badge.good")).ToHaveTextAsync("Healthy");
        await RotateAsync(page, "registry", ("Username", OciRegistry.UserName), ("Password or token", "another password"));
        await Expect(page.Locator(".facts .badge.good")).ToHaveTextAsync("Healthy");
        await window.GoAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your evidence is safe" })).ToBeVisibleAsync();
        await window.AssertNoFaultsAsync();
    }

    [Fact]
    public async Task Two_hundred_MiB_are_dropped_go_on_after_a_cut_are_found_and_come_back_the_same()
    {
        const int Size = 200 * 1024 * 1024;
        using var folder = new TemporaryFolder();
        var content = RandomNumberGenerator.GetBytes(Size);
        var file = folder["evidence 1.0 ü.tar"];
        await File.WriteAllBytesAsync(file, content, Cancellation);
        await using var service = await CasService.StartAsync(services);
        await using var proxy = await FaultProxy.StartAsync(service.Address);
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        await using var window = await browser.OpenAsync(proxy.Address);
        var page = window.Page;

        // The connection breaks in the middle of an append, and whatever is tried next breaks too.
        proxy.Break(request => request.Method == "PATCH" && Appends() == MiddleAppend, Fault.CutRequestAfter(3_000_000), times: 1);
        proxy.Break(request => request.Method is "PATCH" or "HEAD" && Appends() >= MiddleAppend, Fault.Cut, times: 4);

        await window.SignInAsync(tenant.OwnerToken);
        await window.GoAsync("/artifacts");
        await window.DropAsync(page.GetByTestId("drop-zone"), file);
        var transfer = page.GetByRole(AriaRole.Listitem, new() { Name = Path.GetFileName(file) });
        var state = transfer.GetByRole(AriaRole.Status);
        await Expect(state).ToHaveTextAsync("Interrupted, trying again", new() { Timeout = LargeContentPatience });
        await Expect(state).ToHaveTextAsync("Stored and verified", new() { Timeout = LargeContentPatience });

        // One session took it all: the service was asked where to go on.
        Assert.Single(proxy.Requests, request => request is { Method: "POST", Path: "/v1/uploads" });
        Assert.Contains(proxy.Requests, request => request.Method == "HEAD");

        await page.GetByRole(AriaRole.Searchbox).FillAsync("evidence 1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Row(page, Path.GetFileName(file)).GetByRole(AriaRole.Rowheader).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByText("209,715,200 bytes")).ToBeVisibleAsync();
        var download = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Download" }).ClickAsync());

        Assert.Equal(Path.GetFileName(file), download.SuggestedFilename);
        await download.SaveAsAsync(folder["back"]);
        var back = await File.ReadAllBytesAsync(folder["back"], Cancellation);
        Assert.True(content.AsSpan().SequenceEqual(back));
        await window.AssertNoFaultsAsync();

        int Appends() => proxy.Requests.Count(request => request.Method == "PATCH");
    }

    private static ILocator Row(IPage page, string name) => page.GetByRole(AriaRole.Row)
        .Filter(new() { Has = page.GetByRole(AriaRole.Rowheader, new() { Name = name, Exact = true }) });

    private static async Task AddAsync(IPage page, string product, string name, params (string Label, string Value)[] fields)
    {
        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Backends" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Add backend" }).ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = product }).CheckAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await FillAsync(page.GetByRole(AriaRole.Main), fields);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add backend" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = name, Level = 1 })).ToBeVisibleAsync();
        await Expect(page.Locator(".facts .badge.good")).ToHaveTextAsync("Healthy");
    }

    private static async Task SelectAsync(IPage page, string name, string action)
    {
        await page.GotoAsync("/ui/#/backends/" + name);
        await page.GetByRole(AriaRole.Button, new() { Name = action }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = action }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    private static async Task ValidateAsync(IPage page, string name, string status)
    {
        await Row(page, name).GetByRole(AriaRole.Button, new() { Name = $"Validate {name} now" }).ClickAsync();
        await Expect(Row(page, name).GetByText(status, new() { Exact = true })).ToBeVisibleAsync();
    }

    private static async Task RotateAsync(IPage page, string name, params (string Label, string Value)[] fields)
    {
        await page.GotoAsync("/ui/#/backends/" + name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Rotate credentials" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await FillAsync(dialog, fields);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Rotate credentials" }).ClickAsync();
    }

    private static async Task FillAsync(ILocator form, (string Label, string Value)[] fields)
    {
        foreach (var (label, value) in fields)
        {
            await form.GetByLabel(label, new() { Exact = true }).FillAsync(value);
        }
    }
}
