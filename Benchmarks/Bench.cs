using CasFunctions.Benchmarks.Clients;
using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks;

/// <summary>What the sections share: options, contents, a client, and somebody to tell what is being done.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<long, BulkContent> _contents = [];

    /// <summary>Makes it; nothing is running yet but the client.</summary>
    /// <param name="options">How the benchmarks are run.</param>
    /// <param name="status">Told what is being done.</param>
    public Bench(BenchOptions options, Action<string> status)
    {
        Options = options;
        Status = status;
        Client = ClientProcess.Start();
    }

    /// <summary>How the benchmarks are run.</summary>
    public BenchOptions Options { get; }

    /// <summary>Told what is being done.</summary>
    public Action<string> Status { get; }

    /// <summary>Who sends and receives.</summary>
    public ClientProcess Client { get; }

    /// <summary>A folder for files of its own, gone at the end.</summary>
    public string Folder => _folder.FullPath;

    /// <summary>The large content, or a smaller one for warming up. Made when it is first asked for.</summary>
    /// <param name="warmUp">Whether it is for warming up.</param>
    /// <param name="most">The largest size that can be used, in bytes.</param>
    /// <param name="cancellationToken">Ends the making.</param>
    public async Task<BulkContent> ContentAsync(bool warmUp, long most, CancellationToken cancellationToken)
    {
        var size = Math.Min(most, warmUp ? Options.WarmUpSize : Options.Size);
        if (!_contents.TryGetValue(size, out var content))
        {
            _contents[size] = content = await BulkContent.CreateAsync(
                _folder[$"content-{_contents.Count}"], size, cancellationToken);
        }

        return content;
    }

    /// <summary>Measures variants in turn.</summary>
    public Task<RoundResults> RunAsync(string title, IReadOnlyList<Variant> variants, CancellationToken cancellationToken) =>
        new RoundRobin(Options.Rounds, Status).RunAsync(title, variants, cancellationToken);

    /// <summary>Has the client do a job, and counts what the servers use meanwhile.</summary>
    /// <param name="job">The job.</param>
    /// <param name="work">What it does, in MiB; null to count its requests.</param>
    /// <param name="groups">The servers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Sample> MeasureAsync(
        ClientJob job, double? work, IReadOnlyList<ProcessGroup> groups, CancellationToken cancellationToken)
    {
        var service = groups.FirstOrDefault(group => group.Role == ProcessGroup.Service)?.Processes[0];
        if (service is { } id)
        {
            ProcessFacts.ForgetPeak(id);
        }

        var meter = CpuMeter.Start(groups);
        var result = await Client.RunAsync(job, cancellationToken);
        var cpu = meter.Stop();
        cpu["client"] = result.CpuSeconds;
        return new Sample(result.Seconds, work ?? result.Requests, cpu)
        {
            Latencies = result.Latencies,
            PeakBytes = service is { } peaked ? ProcessFacts.PeakBytes(peaked) : null,
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _folder.Dispose();
    }
}
