using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Input;

namespace CasFunctions.Cli.Backends;

/// <summary>The options of OCI registries.</summary>
internal sealed class OciOptions : IProviderOptions
{
    private readonly Option<string> _repository = new("--repo") { Description = "Repository, such as ghcr.io/my-org/cas", HelpName = "REPOSITORY", Required = true };
    private readonly Option<string?> _username = new("--username", "-u") { Description = "User name, or the name of a registry token", HelpName = "NAME" };
    private readonly SecretOption _password = new("password", "registry password or token", "CAS_PASSWORD", "-p");

    /// <inheritdoc/>
    public string Provider => "oci";

    /// <inheritdoc/>
    public string Meaning => "OCI registry";

    /// <inheritdoc/>
    public IEnumerable<Option> Places => [_repository];

    /// <inheritdoc/>
    public IEnumerable<Option> Access => [_username, .. _password.Options];

    /// <inheritdoc/>
    public (string[] Add, string[] Update) Examples =>
    (
        [
            "cas backend add oci --name ghcr --repo ghcr.io/my-org/cas --username me --password-file token.txt --default",
            "cas backend add oci --name gar --repo us-east1-docker.pkg.dev/project/cas --username _json_key --password \"$(cat service-account.json)\"",
        ],
        [
            "cas backend update oci --name ghcr --username me --password-stdin < new-token.txt",
            "cas backend update oci --name ghcr --default=true",
        ]
    );

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> ReadSettings(CommandRun run) => Members.Of(("repository", run.Get(_repository)));

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, string>?> ReadCredentialsAsync(CommandRun run, bool isNew)
    {
        var username = run.Get(_username);
        if (username is null && !_password.IsNamed(run))
        {
            return null;
        }

        return username is null
            ? throw CliFailure.Usage("A password needs the user name that belongs to it: --username NAME.")
            : Members.Of(("username", username), ("password", await _password.RequireAsync(run)));
    }
}
