using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Artifacts;

/// <summary><c>cas artifact describe</c></summary>
internal static class DescribeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var digest = ArtifactCommands.DigestOption();
        return new Command("describe", "Show what is known of an artifact; with -o json its in-toto ResourceDescriptor") { digest }
            .Does(async run =>
            {
                var path = ArtifactCommands.PathOf(ArtifactCommands.ReadDigest(run.Get(digest))) + "/descriptor";
                run.Printer.Result(await run.Api.GetAsync(path, run.Cancellation), Describe);
            })
            .Example("cas artifact describe -d sha256:…");
    }

    private static void Describe(ApiAnswer answer)
    {
        var descriptor = answer.Json;
        Tables.Write(
            ("Name", descriptor.Text("name")),
            ("Digest", ArtifactDescriptor.Digest(descriptor)),
            ("Size", ArtifactDescriptor.Size(descriptor) is { } size ? ByteSize.Moved(size) : null),
            ("Media type", descriptor.Text("mediaType")),
            ("Backend", $"{descriptor.Annotation("backend")} ({descriptor.Annotation("backendReason")})"),
            ("Inline", descriptor.Annotation("inline")),
            ("Status", descriptor.Annotation("status")),
            ("Uploaded", $"{Tables.Time(descriptor.Annotation("uploadedAt"))} by {descriptor.Annotation("uploadedBy")}"),
            ("Verified", Tables.Time(descriptor.Annotation("verifiedAt"))),
            ("Location", descriptor.Text("downloadLocation")));
    }
}
