using CasFunctions.Benchmarks.Measuring;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>The time and the CPU time of this process and its children from one moment on.</summary>
internal readonly struct JobClock
{
    private readonly long _start;
    private readonly double _cpu;

    private JobClock(long start, double cpu)
    {
        _start = start;
        _cpu = cpu;
    }

    /// <summary>Seconds so far.</summary>
    public double Seconds => TimeProvider.System.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Starts it.</summary>
    public static JobClock Start() => new(TimeProvider.System.GetTimestamp(), Cpu());

    /// <summary>What passed since.</summary>
    public ClientResult Stop()
    {
        var seconds = Seconds;
        return new ClientResult(seconds, Cpu() - _cpu);
    }

    private static double Cpu() => ProcessFacts.CpuSeconds(Environment.ProcessId, withChildren: true);
}
