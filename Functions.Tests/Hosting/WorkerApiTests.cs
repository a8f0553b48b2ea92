using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Tests.Hosting;

public sealed class WorkerApiTests
{
    [Fact]
    public void LocalHost_declares_exactly_the_listed_part_of_the_real_worker()
    {
        var listed = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Hosting", "worker-api.txt"))
            .Where(line => line.Length > 0 && line[0] is not '#' and not '-');
        var declared = typeof(FunctionAttribute).Assembly.GetExportedTypes()
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(PublicSurface.Describe);

        Assert.Equal(string.Join('\n', listed), string.Join('\n', declared));
    }
}
