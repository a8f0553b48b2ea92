using CasFunctions.Tests.Services;
using CasFunctions.Tests.Soak.Actors;

namespace CasFunctions.Tests.Soak;

/// <summary>One run: load and faults, then everything is healed, checked and swept. A violation ends it at once.</summary>
internal sealed class SoakRun(SoakWorld world, TestServices services)
{
    /// <summary>How long actors may take for what they have begun when the load ends.</summary>
    private static readonly TimeSpan LastSteps = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>Runs it.</summary>
    /// <param name="report">Gets what the run has to say.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task RunAsync(Action<string> report, CancellationToken cancellationToken)
    {
        try
        {
            var growth = await LoadAsync(report, cancellationToken);
            world.Journal.Write("run", "healed");
            await new FinalChecks(world).RunAsync();
            foreach (var instance in world.Instances)
            {
                await instance.Process.KillAsync();
            }

            await new LeftoverChecks(world, services).RunAsync(cancellationToken);
            if (growth is not null)
            {
                report(growth);
            }
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            var output = world.Instances.SelectMany(
                instance => instance.Process.Output.Select(line => $"instance {instance.Number}: {line}"));
            var path = await world.Journal.DumpAsync([failure.ToString(), .. output]);
            throw new InvalidOperationException(
                $"Seed {world.Plan.Seed}, after {world.Journal.Elapsed}: {failure.Message}\nAll steps: {path}", failure);
        }
        finally
        {
            foreach (var line in world.Journal.Counts())
            {
                report(line);
            }
        }
    }

    private async Task<string?> LoadAsync(Action<string> report, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(world.Plan.Load);
        var gauge = new GrowthGauge(world, world.Instances[0]);
        var measuring = world.Plan.SparedInstances > 0 ? gauge.RunAsync(ending.Token) : Task.CompletedTask;
        var faults = new FaultSchedule(world, world.Plan.Seed);
        List<Task> tasks =
        [
            measuring,
            TellAsync(report, ending.Token),
            faults.RunAsync(ending.Token),
            .. Actors().Select(actor => Task.Run(() => actor.RunAsync(ending.Token), CancellationToken.None)),
        ];
        await WaitAsync(tasks, ending);
        world.Heal();
        return world.Plan.SparedInstances > 0 ? gauge.Judge() : null;
    }

    /// <summary>Tells now and then how far the run is.</summary>
    private async Task TellAsync(Action<string> report, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Interval, world.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var (answers, faults) = (world.Journal.Sum("answer: "), world.Journal.Sum("fault: "));
            report($"{world.Journal.Elapsed:hh\\:mm\\:ss}  {world.Model.Acknowledged.Count} artifacts, {answers} answers, {faults} faults");
        }
    }

    private IEnumerable<Actor> Actors()
    {
        var seeds = new Random(world.Plan.Seed);
        return
        [
            .. Enumerable.Range(0, world.Plan.Uploaders).Select(number => new Uploader($"upload{number}", world, seeds.Next())),
            .. Enumerable.Range(0, world.Plan.Readers).Select(number => new Reader($"read{number}", world, seeds.Next())),
            .. world.Organizations.Select((organization, number) => new Administrator($"admin{number}", world, seeds.Next(), organization)),
        ];
    }

    /// <summary>Waits for all. The first that fails ends the run, and its failure is the one that counts.</summary>
    private async Task WaitAsync(List<Task> tasks, CancellationTokenSource ending)
    {
        using var deadline = new CancellationTokenSource(world.Plan.Load + LastSteps);
        var left = tasks.ToList();
        while (left.Count > 0)
        {
            var done = await Task.WhenAny(left).WaitAsync(deadline.Token);
            left.Remove(done);
            if (done.IsFaulted)
            {
                await ending.CancelAsync();
                await done;
            }
        }
    }
}
