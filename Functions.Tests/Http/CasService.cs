using Azure.Data.Tables;
using CasFunctions.Tests.Services;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CasFunctions.Tests.Http;

/// <summary>The whole service in this process, on a free port, with tables of its own on a real Azurite.</summary>
public sealed class CasService : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TemporaryFolder _secrets;
    private bool _disposed;

    private CasService(IHost host, Azurite azurite, TemporaryFolder secrets, string tablePrefix)
    {
        _host = host;
        _secrets = secrets;
        Azurite = azurite;
        TablePrefix = tablePrefix;
        Address = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>What its tables' names start with.</summary>
    public string TablePrefix { get; }

    /// <summary>Where its tables and the tenants' containers are.</summary>
    public Azurite Azurite { get; }

    /// <summary>The folder of its secrets, for another instance on the same tables.</summary>
    public string SecretsPath => _secrets.FullPath;

    /// <summary>Its parts.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a service.</summary>
    /// <param name="services">Where Azurite comes from.</param>
    /// <param name="ports">Ports besides Azurite's that its backends may use over plain http.</param>
    /// <param name="settings">Further settings.</param>
    /// <param name="configure">Changes to its parts.</param>
    /// <param name="tablePrefix">The tables of another service, to run two on the same; its own when null.</param>
    public static async Task<CasService> StartAsync(
        TestServices services,
        IEnumerable<int>? ports = null,
        IReadOnlyDictionary<string, string>? settings = null,
        Action<FunctionsApplicationBuilder>? configure = null,
        string? tablePrefix = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        RemoteService.SkipIfUsed();
        var azurite = await services.AzuriteAsync();
        var secrets = new TemporaryFolder();
        tablePrefix ??= "T" + Guid.NewGuid().ToString("n")[..12];
        var arguments = CasSettings.Arguments(azurite, tablePrefix, secrets.FullPath, [azurite.BlobEndpoint.Port, .. ports ?? []], settings);
        var builder = CasApplication.CreateBuilder(["--urls=http://127.0.0.1:0", .. arguments]);
        configure?.Invoke(builder);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new CasService(host, azurite, secrets, tablePrefix);
    }

    /// <summary>What the row says that selects an organization's backends, past the service.</summary>
    public async Task<(string? Default, string? Fallback)> SelectionRowAsync(string organization)
    {
        var row = await new TableClient(Azurite.ConnectionString, TablePrefix + "Backends")
            .GetEntityAsync<TableEntity>(organization, "_selection", cancellationToken: TestContext.Current.CancellationToken);
        return (row.Value.GetString("Default"), row.Value.GetString("Fallback"));
    }

    /// <summary>Creates an organization with a name of its own.</summary>
    public Task<Tenant> NewTenantAsync() => Tenant.CreateAsync(Address, Azurite.ConnectionString);

    /// <summary>Stops it. A test may do so before its end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
        _secrets.Dispose();
    }
}
