using System.CommandLine;
using CasFunctions.Tests.Services;
using Spectre.Console;

namespace CasFunctions.Benchmarks.Load;

/// <summary><c>load</c>: many clients at once, honest ones and others, against a service of its own on a real store.</summary>
internal static class LoadCommand
{
    private static readonly string[] Scenarios = ["small", "sessions", "large", "cut", "slow", "huge"];

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var store = new Option<string>("--store") { Description = "Where content goes.", DefaultValueFactory = _ => "azurite" };
        store.AcceptOnlyFromAmong("azurite", "registry", "ceph");
        var scenarios = new Option<string[]>("--scenario")
        {
            Description = "What to run, in this order; all when not given.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => Scenarios,
        };
        scenarios.AcceptOnlyFromAmong(Scenarios);
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long small uploads and slow clients go on.",
            DefaultValueFactory = _ => 60,
        };
        var clients = new Option<int>("--clients")
        {
            Description = "Clients at once, but for large uploads.",
            DefaultValueFactory = _ => 200,
        };
        var large = new Option<int>("--large-clients") { Description = "Large uploads at once.", DefaultValueFactory = _ => 64 };
        var size = new Option<int>("--large-mib") { Description = "Size of a large upload in MiB.", DefaultValueFactory = _ => 64 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of large uploads.", DefaultValueFactory = _ => 2 };
        var budget = new Option<int?>("--budget-mib")
        {
            Description = "The service's buffer memory in MiB; its own default when not given.",
        };
        var settle = new Option<int>("--settle") { Description = "Seconds to wait at the end before memory is read once more." };
        var command = new Command("load", "Put load on the service and report latencies, refusals and memory.")
        {
            store, scenarios, seconds, clients, large, size, rounds, budget, settle,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var services = new TestServices();
            await using var target = await LoadTarget.StartAsync(
                services, parsed.GetRequiredValue(store), parsed.GetValue(budget), cancellationToken);
            using var client = new LoadClient(target.Address, target.Token);
            using var memory = new MemorySampler(target.ProcessId);
            var duration = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            var count = parsed.GetValue(clients);
            AnsiConsole.WriteLine(
                $"{parsed.GetRequiredValue(store)}, {Environment.ProcessorCount} cores; the service at its start: {memory.Now}");
            var failed = false;
            foreach (var scenario in parsed.GetRequiredValue(scenarios))
            {
                var reports = scenario switch
                {
                    "small" => SmallUploads.RunAsync(client, memory, count, duration, sessions: false, cancellationToken),
                    "sessions" => SmallUploads.RunAsync(client, memory, count, duration, sessions: true, cancellationToken),
                    "large" => LargeUploads.RunAsync(
                        client,
                        memory,
                        parsed.GetValue(large),
                        parsed.GetValue(size),
                        parsed.GetValue(rounds),
                        target.ClearAsync,
                        cancellationToken),
                    "cut" => HostileClients.CutAsync(client, memory, count, cancellationToken),
                    "slow" => HostileClients.CrawlAsync(client, memory, count, duration, cancellationToken),
                    _ => HostileClients.PromiseAsync(client, memory, count, cancellationToken),
                };
                await foreach (var report in reports)
                {
                    report.Print();
                    failed |= !report.Errors.IsEmpty;
                }
            }

            await Task.Delay(TimeSpan.FromSeconds(parsed.GetValue(settle)), TimeProvider.System, cancellationToken);
            AnsiConsole.WriteLine();
            AnsiConsole.WriteLine($"The service at the end: {memory.Now}");
            return failed ? 1 : 0;
        });
        return command;
    }
}
