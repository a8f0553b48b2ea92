using Azure.Data.Tables;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Servers;

/// <summary>The service in a process of its own.</summary>
internal sealed class ServiceUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Azurite _tables;
    private readonly TemporaryFolder _secrets;
    private readonly ServiceProcess _process;

    private ServiceUnderTest(Azurite tables, TemporaryFolder secrets, ServiceProcess process, Uri address, string tablePrefix)
    {
        _tables = tables;
        _secrets = secrets;
        _process = process;
        Address = address;
        TablePrefix = tablePrefix;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>What its tables' names start with.</summary>
    public string TablePrefix { get; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>It and its tables, as roles.</summary>
    public IReadOnlyList<ProcessGroup> Groups => [new(ProcessGroup.Service, [_process.Id]), new("tables", _tables.ProcessIds)];

    /// <summary>Starts a service and waits until it answers.</summary>
    /// <param name="program">One of <see cref="BenchPrograms"/>.</param>
    /// <param name="tables">Where its tables are.</param>
    /// <param name="ports">Ports of services that its backends may use over plain http.</param>
    /// <param name="tablePrefix">The tables of an earlier one; its own when null.</param>
    public static async Task<ServiceUnderTest> StartAsync(
        IReadOnlyList<string> program, Azurite tables, IReadOnlyList<int> ports, string? tablePrefix = null)
    {
        var address = new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}");
        var secrets = new TemporaryFolder();
        tablePrefix ??= "T" + Guid.NewGuid().ToString("n")[..12];
        var process = await ServiceProcess.StartAsync(
            BenchPrograms.Dotnet,
            [.. program, $"--urls={address}", .. CasSettings.Arguments(tables, tablePrefix, secrets.FullPath, ports)],
            AppContext.BaseDirectory,
            (_, cancellationToken) => FirstAnswer.AwaitAsync(new Uri(address, "/v1/health"), cancellationToken),
            Deadline);
        return new ServiceUnderTest(tables, secrets, process, address, tablePrefix);
    }

    /// <summary>Makes an organization.</summary>
    /// <param name="backend">Its default backend, as the API takes it.</param>
    public Task<BenchOrganization> NewOrganizationAsync(object backend) => BenchOrganization.CreateAsync(Address, backend);

    /// <summary>Empties the tables to which uploads add rows, so that the emulator's search through all rows costs each measurement the same.</summary>
    public async Task ForgetUploadsAsync(CancellationToken cancellationToken)
    {
        foreach (var name in (string[])["Artifacts", "Listing", "Audit"])
        {
            var table = new TableClient(_tables.ConnectionString, TablePrefix + name);
            await table.DeleteAsync(cancellationToken);
            await table.CreateAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _secrets.Dispose();
    }
}
