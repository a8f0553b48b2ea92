using System.Globalization;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Soak;

/// <summary>Breaks one thing after the other: instances, stores, connections, answers and stored bytes.</summary>
internal sealed class FaultSchedule(SoakWorld world, int seed)
{
    private const int LongestAway = 3000;

    private readonly SharedRandom _random = new(seed);

    /// <summary>Breaks things until it is told to stop; what it has begun then, it ends.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        RepeatAsync(4000, KillInstanceAsync, stop),
        RepeatAsync(9000, RestartStoreAsync, stop),
        RepeatAsync(2500, BreakStoreAsync, stop),
        RepeatAsync(6000, BreakOwnStorageAsync, stop),
        RepeatAsync(2000, FlipAsync, stop));

    /// <summary>Does something again and again, with pauses that are this long on the average.</summary>
    private async Task RepeatAsync(int pause, Func<CancellationToken, Task> action, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await PauseAsync(2 * pause, stop);
            if (!stop.IsCancellationRequested)
            {
                await action(stop);
            }
        }
    }

    private async Task KillInstanceAsync(CancellationToken stop)
    {
        var instance = world.Instances[_random.Next(world.Plan.SparedInstances, world.Instances.Count)];
        Note("kill", $"instance {instance.Number}");
        await instance.RestartAsync(Away());
        Note("up", $"instance {instance.Number}");
    }

    private async Task RestartStoreAsync(CancellationToken stop)
    {
        if (_random.Next(2) == 0)
        {
            Note("restart", "the registry");
            await world.Stores.Registry.RestartAsync(Away());
        }
        else
        {
            Note("restart", "the store's Azurite");
            await world.Stores.Azurite.RestartAsync(Away());
        }

        Note("up", "store");
    }

    /// <summary>Breaks some requests to one store, for a while.</summary>
    private async Task BreakStoreAsync(CancellationToken stop)
    {
        var store = _random.Next(3);
        var proxy = world.Stores.Proxies[store];
        var kind = _random.Next(9);
        var alters = kind == 8;
        var (name, fault) = kind switch
        {
            0 => ("cut", Fault.Cut),
            1 => ("answer 500", Fault.Answer(500)),
            2 => ("answer 503", Fault.Answer(503)),
            3 => ("answer 429", Fault.Answer(429, TimeSpan.FromSeconds(1))),
            4 => ("lose replies", Fault.LoseReply),
            5 => ("cut requests", Fault.CutRequestAfter(_random.Next(1, 10_000_000))),
            6 => ("cut answers", Fault.CutResponseAfter(_random.Next(1, 10_000_000))),
            7 => ("slow", Fault.HoldUntil(WhileAsync())),
            _ => ("alter answers", Fault.AlterResponseAt(_random.Next(3) == 0 ? _random.Next(10_000_000) : _random.Next(10_000))),
        };
        var share = _random.Next(4) == 0 ? 100 : _random.Next(5, 60);
        Note("break", $"store {store}: {name}, {share} %");
        if (alters)
        {
            world.ChangeAlterations();
        }

        proxy.Break(_ => _random.Next(100) < share, fault);
        await PauseAsync(4000, stop);
        proxy.Heal();
        if (alters)
        {
            // Answers that are on their way are altered still.
            await PauseAsync(4000, stop);
            world.ChangeAlterations();
        }
    }

    /// <summary>Breaks some requests to the service's own storage, which it trusts to answer rightly or not at all.</summary>
    private async Task BreakOwnStorageAsync(CancellationToken stop)
    {
        var isTables = _random.Next(3) > 0;
        var proxy = isTables ? world.Tables : world.Staging;
        var (name, fault) = _random.Next(5) switch
        {
            0 => ("cut", Fault.Cut),
            1 => ("answer 500", Fault.Answer(500)),
            2 => ("answer 503", Fault.Answer(503)),
            3 => ("slow", Fault.HoldUntil(WhileAsync())),
            _ => ("lose replies", Fault.LoseReply),
        };
        var share = _random.Next(5) == 0 ? 100 : _random.Next(5, 50);
        Note("break", $"own {(isTables ? "tables" : "blobs")}: {name}, {share} %");
        proxy.Break(_ => _random.Next(100) < share, fault);
        await PauseAsync(2000, stop);
        proxy.Heal();
    }

    /// <summary>Alters a stored copy past the service.</summary>
    private async Task FlipAsync(CancellationToken stop)
    {
        if (world.Model.Choose(_random) is not { Content.Size: > 0 } artifact
            || world.Model.RightBackends(artifact.Organization, artifact.Content.Digest) is not { Count: > 0 } backends)
        {
            return;
        }

        var organization = world.Organizations.Single(candidate => candidate.Name == artifact.Organization);
        var name = backends[_random.Next(backends.Count)];
        if (organization.Backends.FirstOrDefault(candidate => candidate.Name == name) is not { } backend)
        {
            return;
        }

        world.Model.Flip(organization.Name, name, artifact.Content.Digest);
        Note("flip", $"{artifact.Content.Digest.Hex[..12]} of {organization.Name} on {name}");
        try
        {
            if (!await world.Stores.FlipAsync(backend, artifact.Content.Digest, _random, CancellationToken.None))
            {
                Note("flip", "nothing there");
            }
        }
        catch (Exception away) when (away is Azure.RequestFailedException or AggregateException or HttpRequestException)
        {
            Note("flip", "the store is away");
        }
    }

    /// <summary>Ends after some seconds: what waits for it is slow, but gets there.</summary>
    private Task WhileAsync() => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(1000, 15_000)), world.Time, CancellationToken.None);

    private TimeSpan Away() => TimeSpan.FromMilliseconds(_random.Next(LongestAway));

    private Task PauseAsync(int longest, CancellationToken stop) =>
        Task.Delay(TimeSpan.FromMilliseconds(_random.Next(longest)), world.Time, stop)
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void Note(string kind, string what)
    {
        world.Journal.Write("faults", string.Create(CultureInfo.InvariantCulture, $"{kind} {what}"));
        if (kind != "up")
        {
            world.Journal.Count("fault: " + (kind switch
            {
                "break" => what.Split(':', ',')[1].Trim(),
                "flip" => "flip stored bytes",
                _ => $"{kind} {what}",
            }));
        }
    }
}
