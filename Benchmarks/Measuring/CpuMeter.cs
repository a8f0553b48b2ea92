namespace CasFunctions.Benchmarks.Measuring;

/// <summary>Some processes that do one thing together, such as those of a store.</summary>
/// <param name="Role">What they do: <see cref="Service"/>, <c>tables</c>, <c>store</c>, <c>server</c>.</param>
/// <param name="Processes">Their ids.</param>
internal sealed record ProcessGroup(string Role, IReadOnlyList<int> Processes)
{
    /// <summary>The role of the service itself.</summary>
    public const string Service = "service";
}

/// <summary>Counts the CPU seconds of processes from one moment to another.</summary>
internal sealed class CpuMeter
{
    private readonly IReadOnlyList<ProcessGroup> _groups;
    private readonly Dictionary<string, double> _before;

    private CpuMeter(IReadOnlyList<ProcessGroup> groups)
    {
        _groups = groups;
        _before = Read();
    }

    /// <summary>Begins to count.</summary>
    public static CpuMeter Start(IReadOnlyList<ProcessGroup> groups) => new(groups);

    /// <summary>CPU seconds of each role since the start.</summary>
    public Dictionary<string, double> Stop() =>
        Read().ToDictionary(role => role.Key, role => role.Value - _before[role.Key], StringComparer.Ordinal);

    private Dictionary<string, double> Read() =>
        _groups.ToDictionary(group => group.Role, group => group.Processes.Sum(id => ProcessFacts.CpuSeconds(id)), StringComparer.Ordinal);
}
