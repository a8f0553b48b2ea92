using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Soak;

/// <summary>
/// Everything at once: load of all kinds on several instances, while these and the stores are killed, connections break and stored bytes
/// are altered. Two minutes of it in every run, as long as one wants with <c>./soak</c>.
/// </summary>
[Collection("soak")]
public sealed class SoakTests(TestServices services, ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_breaks_what_was_acknowledged_is_there_and_right_and_nothing_else_is()
    {
        RemoteService.SkipIfUsed();
        var plan = SoakPlan.FromEnvironment();
        Report($"seed {plan.Seed}, {plan.Load} of load");
        await using var world = await SoakWorld.StartAsync(services, plan, TimeProvider.System);
        await new SoakRun(world, services).RunAsync(Report, TestContext.Current.CancellationToken);
    }

    private void Report(string line) => output.WriteLine(line);
}

/// <summary>A run needs the machine for itself: others would be slow beside it, and it beside them.</summary>
[CollectionDefinition("soak", DisableParallelization = true)]
public sealed class SoakCollection;
