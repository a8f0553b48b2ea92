using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Servers;
using CasFunctions.Tests.Services;

namespace CasFunctions.Benchmarks.Limits;

/// <summary>A running <see cref="LimitCommand"/>.</summary>
internal sealed class LimitServer : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ServiceProcess _process;

    private LimitServer(ServiceProcess process, Uri address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>It as a role.</summary>
    public ProcessGroup Group => new("server", [_process.Id]);

    /// <summary>Starts one.</summary>
    /// <param name="hashes">Whether it hashes.</param>
    /// <param name="serviceBlocks">Whether its connections have memory as the service's.</param>
    public static async Task<LimitServer> StartAsync(bool hashes, bool serviceBlocks)
    {
        var address = new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}");
        List<string> arguments = [.. BenchPrograms.LikeService(LimitCommand.Name), "--url", address.GetLeftPart(UriPartial.Authority)];
        if (hashes)
        {
            arguments.Add("--hash");
        }

        if (serviceBlocks)
        {
            arguments.Add("--service-blocks");
        }

        var process = await ServiceProcess.StartAsync(
            BenchPrograms.Dotnet,
            arguments,
            AppContext.BaseDirectory,
            (_, cancellationToken) => FirstAnswer.AwaitAsync(address, cancellationToken),
            Deadline);
        return new LimitServer(process, address);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
