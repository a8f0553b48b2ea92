using System.Globalization;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Http;

/// <summary>The whole service in a process of its own, which can be killed, started again and measured from outside.</summary>
public sealed class CasProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _secrets = new();
    private readonly IReadOnlyList<string> _arguments;
    private readonly IReadOnlyDictionary<string, string>? _environment;
    private ServiceProcess? _process;

    private CasProcess(
        Azurite azurite,
        IReadOnlyDictionary<string, string>? settings,
        string? tablePrefix,
        IEnumerable<int>? ports,
        IReadOnlyDictionary<string, string>? environment)
    {
        _environment = environment;
        Azurite = azurite;
        Address = new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}");
        TablePrefix = tablePrefix ?? "T" + Guid.NewGuid().ToString("n")[..12];
        _arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "CasFunctions.dll"),
            $"--urls={Address}",
            .. CasSettings.Arguments(azurite, TablePrefix, _secrets.FullPath, [azurite.BlobEndpoint.Port, .. ports ?? []], settings),
        ];
    }

    /// <summary>Where it listens; the same after a restart.</summary>
    public Uri Address { get; }

    /// <summary>What its tables' names start with.</summary>
    public string TablePrefix { get; }

    /// <summary>Where its tables and the tenants' containers are.</summary>
    public Azurite Azurite { get; }

    /// <summary>Its process id.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>The last lines that it wrote since its start; none while it is not running.</summary>
    public IReadOnlyCollection<string> Output => _process?.Output ?? [];

    /// <summary>The most resident memory it has had since its start, in bytes.</summary>
    public long PeakMemory => File.ReadLines($"/proc/{_process!.Id}/status")
        .Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024)
        .Single();

    /// <summary>Starts a service.</summary>
    public static async Task<CasProcess> StartAsync(
        TestServices services,
        IReadOnlyDictionary<string, string>? settings = null,
        string? tablePrefix = null,
        IEnumerable<int>? ports = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        RemoteService.SkipIfUsed();
        var service = new CasProcess(await services.AzuriteAsync(), settings, tablePrefix, ports, environment);
        await service.StartAsync();
        return service;
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>.</summary>
    public async Task StartAsync()
    {
        using var client = new HttpClient();
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : Prerequisite.Find("dotnet")!;
        _process = await ServiceProcess.StartAsync(
            dotnet,
            _arguments,
            AppContext.BaseDirectory,
            async (_, token) => (await client.GetAsync(new Uri(Address, "/v1/health"), token)).IsSuccessStatusCode,
            StartDeadline,
            _environment);
    }

    /// <summary>Ends it with SIGKILL, as a crash or a lost machine would.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>Creates an organization with a name of its own.</summary>
    public Task<Tenant> NewTenantAsync() => Tenant.CreateAsync(Address, Azurite.ConnectionString);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _secrets.Dispose();
    }
}
