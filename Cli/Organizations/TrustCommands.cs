using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Organizations;

/// <summary><c>cas trust</c></summary>
internal static class TrustCommands
{
    /// <summary>Makes the command.</summary>
    public static Command Create() =>
        new("trust", "Manage the OIDC issuers whose tokens are accepted, so that pipelines need no secret")
        {
            Subcommands = { List(), Add(), Remove() },
        };

    private static Command List() => new Command("ls", "List the trusted issuers") { Aliases = { "list" } }
        .Does(async run =>
        {
            var trusts = await run.Api.GetAsync("/v1/trusts", run.Cancellation);
            run.Printer.Result(trusts, answer => Tables.Write(
                answer.Json.Items("trusts"),
                Column.Of("ID", "id"),
                Column.Of("ISSUER", "issuer"),
                Column.Of("ROLE", "role"),
                new Column("CLAIMS", trust => trust.Member("claims")?.GetRawText()),
                Column.Of("AUDIENCE", "audience"),
                Column.Of("FOR", "description"),
                Column.Time("CREATED", "createdAt"),
                new Column("EXPIRES", trust => Tables.Time(trust.Text("expiresAt")) ?? "never")));
        })
        .Example("cas trust ls");

    private static Command Add()
    {
        var issuer = new Option<string>("--issuer") { Description = "The issuer's address", HelpName = "URL", Required = true };
        var role = new Option<string>("--role")
        {
            Description = "What its tokens allow: viewer, downloader or uploader",
            HelpName = "ROLE",
            Required = true,
        };
        role.CompletionSources.Add("viewer", "downloader", "uploader");
        var claims = new Option<string[]>("--claim")
        {
            Description = "A claim that tokens must have, * standing for any characters; at least one an id that never changes, exactly",
            HelpName = "NAME=VALUE",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var audience = new Option<string?>("--audience")
        {
            Description = "The issuer's fixed audience; without it tokens are made for the organization",
            HelpName = "AUDIENCE",
        };
        var description = new Option<string?>("--description") { Description = "What it is for", HelpName = "TEXT" };
        var lifetime = new Option<string?>("--expires-in")
        {
            Description = "Lifetime such as 90d, 12h or 30m; without end unless told",
            HelpName = "TIME",
        };
        return new Command("add", "Trust an issuer's tokens") { issuer, role, claims, audience, description, lifetime }
            .Does(async run =>
            {
                var seconds = run.Get(lifetime) is { } text ? (long)Duration.Parse(text).TotalSeconds : (long?)null;
                var body = new NewTrust(
                    run.Get(issuer)!, run.Get(role)!, ReadClaims(run.Get(claims)!), run.Get(audience), run.Get(description), seconds);
                var added = await run.Api.SendAsync(HttpMethod.Post, "/v1/trusts", body, CliJson.Default.NewTrust, run.Cancellation);
                run.Printer.Result(added, answer => Printer.Line(answer.Json.Text("id") ?? ""));
                run.Printer.Note($"Tokens need the audience {added.Json.Text("audience")}.");
            })
            .Example("cas trust add --issuer https://token.actions.githubusercontent.com --role uploader --claim repository_id=123456 --claim ref=refs/heads/main");
    }

    private static Command Remove()
    {
        var id = new Argument<string>("ID") { Description = "The trust's id, as 'cas trust ls' shows it" };
        return new Command("rm", "Stop trusting an issuer") { id }
            .Does(async run =>
            {
                await run.Api.DeleteAsync("/v1/trusts/" + Uri.EscapeDataString(run.Get(id)!), run.Cancellation);
                run.Printer.Note($"Removed {run.Get(id)}.");
            })
            .Example("cas trust rm 5d41402a");
    }

    private static Dictionary<string, string> ReadClaims(IEnumerable<string> claims)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            if (claim.Split('=', 2) is not [{ Length: > 0 } name, var value] || !read.TryAdd(name, value))
            {
                throw CliFailure.Usage($"'{claim}' is not a claim, or is given twice.", "A claim looks like repository_id=123456");
            }
        }

        return read;
    }
}
