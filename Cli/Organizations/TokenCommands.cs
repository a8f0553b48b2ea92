using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Organizations;

/// <summary><c>cas token</c></summary>
internal static class TokenCommands
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("token", "Manage the organization's API tokens") { Subcommands = { List(), Add(), Revoke() } };

    private static Command List() => new Command("ls", "List the tokens, without the secrets") { Aliases = { "list" } }
        .Does(async run =>
        {
            var tokens = await run.Api.GetAsync("/v1/tokens", run.Cancellation);
            run.Printer.Result(tokens, answer => Tables.Write(
                answer.Json.Items("tokens"),
                Column.Of("ID", "id"),
                Column.Of("NAME", "name"),
                Column.Of("ROLE", "role"),
                Column.Time("CREATED", "createdAt"),
                Column.Of("BY", "createdBy"),
                new Column("EXPIRES", token => Tables.Time(token.Text("expiresAt")) ?? "never")));
        })
        .Example("cas token ls");

    private static Command Add()
    {
        var name = new Argument<string>("NAME") { Description = "What it is for" };
        var role = new Option<string>("--role") { Description = "viewer, downloader, uploader or owner", HelpName = "ROLE", Required = true };
        role.CompletionSources.Add("viewer", "downloader", "uploader", "owner");
        var lifetime = new Option<string?>("--expires-in") { Description = "Lifetime such as 90d, 12h or 30m; without end unless told", HelpName = "TIME" };
        return new Command("create", "Make a token. It is printed once") { name, role, lifetime }
            .Does(async run =>
            {
                var seconds = run.Get(lifetime) is { } text ? (long)Duration.Parse(text).TotalSeconds : (long?)null;
                var body = new NewToken(run.Get(name)!, run.Get(role)!, seconds);
                var created = await run.Api.SendAsync(HttpMethod.Post, "/v1/tokens", body, CliJson.Default.NewToken, run.Cancellation);
                run.Printer.Result(created, answer => Printer.Line(answer.Json.Text("token") ?? ""));
                run.Printer.Note($"Keep the token: it is not shown again. Its id is {created.Json.Text("id")}.");
            })
            .Example("cas token create \"release pipeline\" --role uploader --expires-in 90d");
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("ID") { Description = "The token's id, as 'cas token ls' shows it" };
        return new Command("revoke", "Make a token useless, within 15 seconds on all instances of the service") { id }
            .Does(async run =>
            {
                await run.Api.DeleteAsync("/v1/tokens/" + Uri.EscapeDataString(run.Get(id)!), run.Cancellation);
                run.Printer.Note($"Revoked {run.Get(id)}.");
            })
            .Example("cas token revoke 3f0c5a1b");
    }
}
