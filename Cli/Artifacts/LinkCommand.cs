using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Artifacts;

/// <summary><c>cas artifact link</c></summary>
internal static class LinkCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var digest = ArtifactCommands.DigestOption();
        return new Command("link", "Make a link by which anybody can download an artifact within a minute, without a token") { digest }
            .Does(async run =>
            {
                var path = ArtifactCommands.PathOf(ArtifactCommands.ReadDigest(run.Get(digest))) + "/links";
                var link = await run.Api.PostAsync(path, run.Cancellation);
                run.Printer.Result(link, answer => Printer.Line(new Uri(run.Api.Account.Address, answer.Json.Text("url")!).ToString()));
            })
            .Example("cas artifact link -d sha256:…");
    }
}
