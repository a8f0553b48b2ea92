using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using CasFunctions.Backends;
using CasFunctions.Security;
using CasFunctions.Storage;
using Microsoft.Extensions.Options;

namespace CasFunctions.Providers.AzureBlob;

/// <summary>Azure Blob Storage: block blobs named <c>sha256:&lt;hex&gt;</c> in one container.</summary>
public sealed partial class AzureBlobProvider : IBlobProvider, IDisposable
{
    private const string DefaultContainer = "cas";

    private readonly BackendOptions _options;
    private readonly StorageOptions _appStorage;
    private readonly HttpClient _client;
    private readonly HttpClientTransport _transport;

    /// <summary>Makes the provider.</summary>
    public AzureBlobProvider(IOptions<BackendOptions> options, IOptions<StorageOptions> appStorage, OutboundHandlerFactory outbound)
    {
        _options = options.Value;
        _appStorage = appStorage.Value;
        _client = new HttpClient(outbound.Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _transport = new HttpClientTransport(_client);
    }

    /// <inheritdoc/>
    public string Kind => "azure-blob";

    /// <inheritdoc/>
    public BackendConfiguration Configure(string organization, JsonElement settings, JsonElement? credentials)
    {
        var place = ProviderJson.Read(settings, "settings", AzureBlobJson.Default.AzureBlobSettings);
        if (credentials is not { } given)
        {
            throw new BackendSettingsException(
                "credentials", "Give tenant, clientId and clientSecret of a service principal, or managedIdentity: true.");
        }

        place = place with { Container = place.Container ?? DefaultContainer };
        if (!ContainerName().IsMatch(place.Container))
        {
            throw new BackendSettingsException(
                "settings.container", "A container's name has 3 to 63 lowercase letters, digits and single hyphens.");
        }

        var access = ReadCredentials(organization, place, given);
        if (access.ConnectionString is { } connection)
        {
            var container = new BlobContainerClient(connection, place.Container);
            place = place with { StorageAccount = container.AccountName };

            // Without the query: with a shared access signature that is the secret.
            return new BackendConfiguration(container.Uri.GetLeftPart(UriPartial.Path), Write(place), Write(access));
        }

        var address = AzureCloud.Find(place.Endpoint, _options).AddressOf(Account(place));
        return new BackendConfiguration($"{address.ToString().TrimEnd('/')}/{place.Container}", Write(place), Write(access));
    }

    /// <inheritdoc/>
    public string ConfigureCredentials(string organization, string settings, JsonElement credentials)
    {
        var place = ProviderJson.ReadStored(settings, AzureBlobJson.Default.AzureBlobSettings);
        var access = ReadCredentials(organization, place, credentials);
        if (access.ConnectionString is { } connection && new BlobServiceClient(connection).AccountName != place.StorageAccount)
        {
            throw new BackendSettingsException(
                "credentials.connectionString", $"The connection string is not one of account '{place.StorageAccount}'.");
        }

        return Write(access);
    }

    /// <inheritdoc/>
    public IBlobStore Open(BackendConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var place = ProviderJson.ReadStored(connection.Settings, AzureBlobJson.Default.AzureBlobSettings);
        var access = ProviderJson.ReadStored(connection.Credentials ?? "{}", AzureBlobJson.Default.AzureBlobCredentials);
        try
        {
            // What the operator allowed when the backend was made may be allowed no more.
            CheckAllowed(connection.Organization, place, access);
        }
        catch (BackendSettingsException refused)
        {
            throw new ProviderException(ProviderErrorKind.Forbidden, refused.Message, refused);
        }

        return new AzureBlobStore(OpenContainer(place, access));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _transport.Dispose();
    }

    private BlobContainerClient OpenContainer(AzureBlobSettings place, AzureBlobCredentials access)
    {
        var options = new BlobClientOptions
        {
            Transport = _transport,
            Retry =
            {
                Mode = RetryMode.Exponential,
                MaxRetries = ProviderRetry.MaxRetries,
                Delay = ProviderRetry.BaseDelay,
                MaxDelay = ProviderRetry.MaxDelay,
                NetworkTimeout = ProviderRetry.TryTimeout,
            },
        };
        if (access.ConnectionString is { } connection)
        {
            return new BlobContainerClient(connection, place.Container, options);
        }

        var cloud = AzureCloud.Find(place.Endpoint, _options);
        var address = new Uri($"{cloud.AddressOf(Account(place)).ToString().TrimEnd('/')}/{place.Container}");
        return new BlobContainerClient(address, access.ManagedIdentity ? AppIdentity() : Principal(access, cloud), options);
    }

    private TokenCredential AppIdentity() => _appStorage.ManagedIdentityClientId is { Length: > 0 } id
        ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(id))
        : new DefaultAzureCredential();

    private ClientSecretCredential Principal(AzureBlobCredentials access, AzureCloud cloud) => new(
        access.Tenant,
        access.ClientId,
        access.ClientSecret,
        new ClientSecretCredentialOptions
        {
            AuthorityHost = cloud.Authority,
            DisableInstanceDiscovery = !cloud.IsPublicKnowledge,
            Transport = _transport,
            Retry = { MaxRetries = ProviderRetry.MaxRetries, Delay = ProviderRetry.BaseDelay, MaxDelay = ProviderRetry.MaxDelay },
        });

    private AzureBlobCredentials ReadCredentials(string organization, AzureBlobSettings place, JsonElement credentials)
    {
        var access = ProviderJson.Read(credentials, "credentials", AzureBlobJson.Default.AzureBlobCredentials);
        var principal = access.Tenant is not null || access.ClientId is not null || access.ClientSecret is not null;
        switch (access)
        {
            case { ConnectionString: not null } when principal || access.ManagedIdentity:
            case { ManagedIdentity: true } when principal:
                throw new BackendSettingsException(
                    "credentials", "Give one kind of credentials: a service principal, managedIdentity or a connection string.");
            case { ConnectionString: { } connection }:
                CheckAllowed(organization, place, access);
                CheckConnectionString(connection);
                return access;
            case { ManagedIdentity: true }:
                CheckAllowed(organization, place, access);
                return access;
        }

        Require(access.Tenant, "credentials.tenant", "The tenant is the directory id of the service principal.", Tenant());
        Require(access.ClientId, "credentials.clientId", "The client id is the service principal's application id, a GUID.", Guid());
        Require(access.ClientSecret, "credentials.clientSecret", "The client secret is missing.", null);
        return access;
    }

    /// <summary>Checks what the operator decides about.</summary>
    private void CheckAllowed(string organization, AzureBlobSettings place, AzureBlobCredentials access)
    {
        if (access.ConnectionString is not null && !_options.AllowConnectionStrings)
        {
            throw new BackendSettingsException(
                "credentials.connectionString", "Connection strings are not allowed here. Use a service principal.");
        }

        if (access.ManagedIdentity)
        {
            CheckManagedIdentity(organization, place);
        }
    }

    private static void CheckConnectionString(string connection)
    {
        try
        {
            // With a container, as an endpoint is read whole only then.
            _ = new BlobContainerClient(connection, DefaultContainer);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new BackendSettingsException("credentials.connectionString", "The connection string is malformed.");
        }
    }

    private void CheckManagedIdentity(string organization, AzureBlobSettings place)
    {
        var account = Account(place);
        var wanted = $"{organization}/{account}/{place.Container}";

        // The app's own account holds all organizations' rows and staged content: a slip in the operator's list must not open it.
        if (place.Endpoint is not null || IsOwn(account) || !_options.ManagedIdentityContainers.Contains(wanted, StringComparer.Ordinal))
        {
            throw new BackendSettingsException(
                "credentials.managedIdentity",
                "The operator has not allowed this organization to reach that account and container with the service's identity.");
        }
    }

    private bool IsOwn(string account) => new[] { _appStorage.BlobServiceUri, _appStorage.TableServiceUri }
        .Any(address => string.Equals(address?.Host.Split('.')[0], account, StringComparison.OrdinalIgnoreCase));

    private static string Account(AzureBlobSettings place) => place.StorageAccount is { } account && AccountName().IsMatch(account)
        ? account
        : throw new BackendSettingsException(
            "settings.storageAccount", "A storage account's name has 3 to 24 lowercase letters and digits.");

    private static void Require(string? value, string field, string message, Regex? pattern)
    {
        if (string.IsNullOrWhiteSpace(value) || pattern?.IsMatch(value) == false)
        {
            throw new BackendSettingsException(field, message);
        }
    }

    private static string Write(AzureBlobSettings place) => JsonSerializer.Serialize(place, AzureBlobJson.Default.AzureBlobSettings);

    private static string Write(AzureBlobCredentials access) =>
        JsonSerializer.Serialize(access, AzureBlobJson.Default.AzureBlobCredentials);

    [GeneratedRegex(@"\A[a-z0-9]{3,24}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AccountName();

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ContainerName();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.-]{0,253}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tenant();

    [GeneratedRegex(
        @"\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Guid();
}
