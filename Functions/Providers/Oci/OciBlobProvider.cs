using System.Text.Json;
using CasFunctions.Security;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Providers.Oci;

/// <summary>
/// The <c>oci</c> provider: registries of the OCI distribution specification. Settings: <c>repository</c>. Credentials:
/// <c>username</c> and <c>password</c>, or none for a registry that asks for none.
/// </summary>
public sealed class OciBlobProvider : IBlobProvider, IDisposable
{
    private const int MaxUsernameLength = 256;

    /// <summary>Google's service account keys are about 2,400 characters long.</summary>
    private const int MaxPasswordLength = 8192;

    private readonly OutboundHandlerFactory _outbound;
    private readonly HttpClient _http;
    private readonly RegistryTransport _transport;
    private readonly TimeProvider _time;
    private readonly ILogger<OciBlobStore> _logger;

    /// <summary>Makes the provider.</summary>
    /// <param name="outbound">Gives the guarded handler.</param>
    /// <param name="time">Clock of tokens, pauses and time-outs.</param>
    /// <param name="logger">Log of the stores.</param>
    public OciBlobProvider(OutboundHandlerFactory outbound, TimeProvider time, ILogger<OciBlobStore> logger)
    {
        ArgumentNullException.ThrowIfNull(outbound);
        _outbound = outbound;
        _time = time;
        _logger = logger;
        _http = new HttpClient(outbound.Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _transport = new RegistryTransport(_http, outbound.AllowsPlainHttp, time);
    }

    /// <inheritdoc/>
    public string Kind => "oci";

    /// <inheritdoc/>
    public bool KeepsParts => false;

    /// <inheritdoc/>
    public BackendConfiguration Configure(string organization, JsonElement settings, JsonElement? credentials)
    {
        var read = ProviderJson.Read(settings, "settings", OciJson.Default.OciSettings);
        if (string.IsNullOrEmpty(read.Repository))
        {
            throw new BackendSettingsException("settings.repository", "The repository is missing, such as ghcr.io/org/repo.");
        }

        if (!OciRepository.TryParse(read.Repository, out var repository, out var problem))
        {
            throw new BackendSettingsException("settings.repository", problem);
        }

        try
        {
            _outbound.CheckAddress(_transport.AddressOf(repository));
        }
        catch (OutboundRefusedException e)
        {
            throw new BackendSettingsException("settings.repository", e.Message);
        }

        return new BackendConfiguration(
            repository.Location,
            JsonSerializer.Serialize(new OciSettings(repository.Location), OciJson.Default.OciSettings),
            credentials is { ValueKind: not JsonValueKind.Null } given ? ReadCredentials(given) : null);
    }

    /// <inheritdoc/>
    public string ConfigureCredentials(string organization, string settings, JsonElement credentials) => ReadCredentials(credentials);

    /// <inheritdoc/>
    public IBlobStore Open(BackendConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var settings = ProviderJson.ReadStored(connection.Settings, OciJson.Default.OciSettings);
        if (!OciRepository.TryParse(settings.Repository, out var repository, out var problem))
        {
            throw new InvalidOperationException($"The stored settings of backend '{connection.Backend}' can't be read. {problem}");
        }

        var credentials = connection.Credentials is null
            ? null
            : ProviderJson.ReadStored(connection.Credentials, OciJson.Default.OciCredentials);
        var authenticator = new RegistryAuthenticator(_transport, repository, credentials);
        return new OciBlobStore(new OciRegistryClient(_transport, authenticator, repository), repository, _time, _logger);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string ReadCredentials(JsonElement credentials)
    {
        var read = ProviderJson.Read(credentials, "credentials", OciJson.Default.OciCredentials);
        if (string.IsNullOrEmpty(read.Username) || read.Username.Length > MaxUsernameLength
            || read.Username.Any(c => c is ':' || char.IsControl(c)))
        {
            throw new BackendSettingsException(
                "credentials.username",
                $"A user name of 1 to {MaxUsernameLength} characters is needed, without ':' and control characters.");
        }

        if (string.IsNullOrEmpty(read.Password) || read.Password.Length > MaxPasswordLength)
        {
            throw new BackendSettingsException(
                "credentials.password", $"A password of 1 to {MaxPasswordLength} characters is needed: often a token, or a JSON key.");
        }

        return JsonSerializer.Serialize(read, OciJson.Default.OciCredentials);
    }
}
