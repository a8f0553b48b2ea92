using CasFunctions.Benchmarks.Measuring;
using CasFunctions.Benchmarks.Servers;

namespace CasFunctions.Benchmarks.Startup;

/// <summary>Services that were started and are left alone, until it is time to look at their memory and stop them.</summary>
internal sealed class IdleServices
{
    /// <summary>How long they are left alone.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private readonly List<(string Name, Task<double> Bytes)> _kept = [];

    /// <summary>Takes a service over.</summary>
    public void Keep(string name, ServiceUnderTest service, CancellationToken cancellationToken) =>
        _kept.Add((name, WaitAsync(service, cancellationToken)));

    /// <summary>Their resident memory in bytes, by name, when all have had their time.</summary>
    public async Task<ILookup<string, double>> ReadAsync()
    {
        await Task.WhenAll(_kept.Select(kept => kept.Bytes));
        return _kept.ToLookup(kept => kept.Name, kept => kept.Bytes.Result, StringComparer.Ordinal);
    }

    private static async Task<double> WaitAsync(ServiceUnderTest service, CancellationToken cancellationToken)
    {
        await using (service)
        {
            await Task.Delay(IdleTime, TimeProvider.System, cancellationToken);
            return ProcessFacts.ResidentBytes(service.ProcessId);
        }
    }
}
