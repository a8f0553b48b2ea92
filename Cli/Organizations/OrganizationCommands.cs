using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Login;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Organizations;

/// <summary><c>cas org</c></summary>
internal static class OrganizationCommands
{
    private const string RootKeyVariable = "CAS_ROOT_KEY";

    /// <summary>Makes the command.</summary>
    public static Command Create() => new("org", "Manage organizations and their owners") { Subcommands = { Add(), Token(), Show(), Update() } };

    private static Command Add()
    {
        var name = NameArgument();
        var owners = OwnersOption();
        var rootKey = new SecretOption("root-key", "operator's root key", RootKeyVariable);
        var login = LoginOption();
        return new Command("create", "Create an organization, as the service's operator. Prints its first owner token, once") { name, owners, rootKey.File, rootKey.Stdin, login }
            .Does(async run =>
            {
                var account = run.Account() with { Token = await rootKey.RequireAsync(run) };
                using var api = new CasApi(account);
                var body = new NewOrganization(run.Get(name)!, run.Get(owners)!);
                var created = await api.SendAsync(HttpMethod.Post, "/v1/organizations", body, CliJson.Default.NewOrganization, run.Cancellation);
                await TellTokenAsync(run, account, created, run.Get(login));
            })
            .Example("cas org create acme --owner ann@example.com --owner bob@example.com --root-key-file root.key --login");
    }

    private static Command Token()
    {
        var name = NameArgument();
        var rootKey = new SecretOption("root-key", "operator's root key", RootKeyVariable);
        var login = LoginOption();
        return new Command("token", "Make a new owner token for an organization whose owners have lost theirs, as the service's operator") { name, rootKey.File, rootKey.Stdin, login }
            .Does(async run =>
            {
                var account = run.Account() with { Token = await rootKey.RequireAsync(run) };
                using var api = new CasApi(account);
                var minted = await api.PostAsync($"/v1/organizations/{Uri.EscapeDataString(run.Get(name)!)}/tokens", run.Cancellation);
                await TellTokenAsync(run, account, minted, run.Get(login));
            })
            .Example("cas org token acme --root-key-file root.key");
    }

    private static Command Show() => new Command("show", "Show the organization that the token belongs to")
        .Does(async run => run.Printer.Result(await run.Api.GetAsync("/v1/organization", run.Cancellation), Describe))
        .Example("cas org show");

    private static Command Update()
    {
        var owners = OwnersOption();
        return new Command("update", "Change the owners, who get mail when a backend fails") { owners }
            .Does(async run =>
            {
                var body = new OrganizationChange(run.Get(owners)!);
                run.Printer.Result(
                    await run.Api.SendAsync(HttpMethod.Patch, "/v1/organization", body, CliJson.Default.OrganizationChange, run.Cancellation), Describe);
            })
            .Example("cas org update --owner ann@example.com --owner carol@example.com");
    }

    private static async Task TellTokenAsync(CommandRun run, Account account, ApiAnswer answer, bool login)
    {
        if (login)
        {
            await LoginCommand.SaveAsync(run, account with { Token = answer.Json.Text("token") });
        }

        run.Printer.Result(answer, _ => Printer.Line(answer.Json.Text("token") ?? ""));
        run.Printer.Note("Keep this owner token: it is not shown again.");
    }

    private static void Describe(ApiAnswer answer) => Tables.Write(
        ("Name", answer.Json.Text("name")),
        ("Owners", string.Join('\n', answer.Json.Items("owners").Select(owner => owner.GetString()))),
        ("Created", Tables.Time(answer.Json.Text("createdAt"))));

    private static Argument<string> NameArgument() => new("NAME") { Description = "The organization's name: lowercase letters, digits and hyphens" };

    private static Option<string[]> OwnersOption() => new("--owner")
    {
        Description = "E-mail address of an owner; give all of them, one option each",
        HelpName = "ADDRESS",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static Option<bool> LoginOption() => new("--login") { Description = "Log in with the new token" };
}
