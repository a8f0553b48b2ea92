using System.Globalization;

namespace CasFunctions.Benchmarks.Measuring;

/// <summary>What Linux says of a process in <c>/proc</c>, see proc(5).</summary>
internal static class ProcessFacts
{
    /// <summary>The unit of times in <c>/proc</c>, which Linux fixes at 100 a second for user space.</summary>
    private const double TicksPerSecond = 100;

    private const int UserTime = 11;
    private const int ChildrensSystemTime = 14;

    /// <summary>CPU seconds that a process has used so far, in its own code and in the kernel.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="withChildren">Whether to add what its ended children used.</param>
    public static double CpuSeconds(int process, bool withChildren = false)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");

        // The second field is the program's name in parentheses, and may hold anything.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var last = withChildren ? ChildrensSystemTime : UserTime + 1;
        return fields[UserTime..(last + 1)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Resident memory now, in bytes.</summary>
    public static long ResidentBytes(int process) => StatusBytes(process, "VmRSS:");

    /// <summary>The most resident memory since the start or the last <see cref="ForgetPeak"/>, in bytes.</summary>
    public static long PeakBytes(int process) => StatusBytes(process, "VmHWM:");

    /// <summary>Lets the peak begin anew at what is resident now.</summary>
    public static void ForgetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static long StatusBytes(int process, string field) => File.ReadLines($"/proc/{process}/status")
        .Where(line => line.StartsWith(field, StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024)
        .Single();
}
