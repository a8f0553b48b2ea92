using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Downloads;
using CasFunctions.Cli.Uploads;
using CasFunctions.Digests;

namespace CasFunctions.Cli.Artifacts;

/// <summary><c>cas artifact</c></summary>
internal static class ArtifactCommands
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("artifact", "Store, fetch and look up artifacts")
    {
        Subcommands =
        {
            UploadCommand.Create(),
            DownloadCommand.Create(),
            LinkCommand.Create(),
            DescribeCommand.Create(),
            VerifyCommand.Create(),
            ListArtifactsCommand.Create(),
        },
    };

    /// <summary>The option that names an artifact.</summary>
    public static Option<string> DigestOption() =>
        new("--digest", "-d") { Description = "The content's digest, sha256: and 64 hexadecimal digits", HelpName = "DIGEST", Required = true };

    /// <summary>Reads a digest.</summary>
    /// <exception cref="CliFailure">It is none.</exception>
    public static Sha256Digest ReadDigest(string? text) => Sha256Digest.TryParse(text, out var digest)
        ? digest
        : throw CliFailure.Usage($"'{text}' is not a digest.", "A digest is 'sha256:' and 64 lowercase hexadecimal digits, as sha256sum prints them.");

    /// <summary>The path of an artifact.</summary>
    public static string PathOf(Sha256Digest digest) => $"/v1/artifacts/{digest}";
}
