using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Input;

namespace CasFunctions.Cli.Backends;

/// <summary>The options of Azure Blob Storage.</summary>
internal sealed class AzureBlobOptions : IProviderOptions
{
    private readonly Option<string?> _account = new("--storage-account") { Description = "Storage account's name", HelpName = "NAME" };
    private readonly Option<string?> _container = new("--container") { Description = "Container; the service chooses one unless told", HelpName = "NAME" };
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = "Endpoint suffix of another cloud, such as blob.core.usgovcloudapi.net", HelpName = "SUFFIX" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Directory (tenant) id of the service principal", HelpName = "ID" };
    private readonly Option<string?> _clientId = new("--client-id") { Description = "Application (client) id of the service principal", HelpName = "ID" };
    private readonly SecretOption _secret = new("client-secret", "client secret of the service principal", "CAS_CLIENT_SECRET");
    private readonly SecretOption _connection = new("connection-string", "connection string, where the operator allows it", variable: null);

    /// <inheritdoc/>
    public string Provider => "azure-blob";

    /// <inheritdoc/>
    public string Meaning => "Azure Blob Storage";

    /// <inheritdoc/>
    public IEnumerable<Option> Places => [_account, _container, _endpoint];

    /// <inheritdoc/>
    public IEnumerable<Option> Access => [_tenant, _clientId, .. _secret.Options, _connection.File, _connection.Stdin];

    /// <inheritdoc/>
    public (string[] Add, string[] Update) Examples =>
    (
        [
            "cas backend add azure-blob --name azure --storage-account evidence --container cas --tenant … --client-id … --client-secret-file secret.txt",
        ],
        [
            "cas backend update azure-blob --name azure --tenant … --client-id … --client-secret-file new-secret.txt",
            "cas backend update azure-blob --name azure --default=true --swap",
        ]
    );

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> ReadSettings(CommandRun run) => Members.Of(
        ("storageAccount", run.Get(_account) ?? (_connection.IsNamed(run) ? null : throw CliFailure.Usage("Option '--storage-account' is required."))),
        ("container", run.Get(_container)),
        ("endpoint", run.Get(_endpoint)));

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, string>?> ReadCredentialsAsync(CommandRun run, bool isNew)
    {
        if (_connection.IsNamed(run))
        {
            return Members.Of(("connectionString", await _connection.RequireAsync(run)));
        }

        var (tenant, clientId) = (run.Get(_tenant), run.Get(_clientId));
        if (!isNew && tenant is null && clientId is null && !_secret.IsNamed(run))
        {
            return null;
        }

        return tenant is null || clientId is null
            ? throw CliFailure.Usage("A service principal needs --tenant and --client-id.", "Give all three: --tenant ID --client-id ID --client-secret-file FILE.")
            : Members.Of(("tenant", tenant), ("clientId", clientId), ("clientSecret", await _secret.RequireAsync(run)));
    }
}
