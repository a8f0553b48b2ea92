using System.CommandLine;
using System.Text.Json;

namespace CasFunctions.Benchmarks.Clients;

/// <summary><c>client</c>: the process that sends and receives. Reads jobs from its input and answers each with what it took.</summary>
internal static class ClientCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "client";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Runs jobs of the benchmarks.") { Hidden = true };
        command.SetAction(async (_, cancellationToken) =>
        {
            while (await System.Console.In.ReadLineAsync(cancellationToken) is { } line)
            {
                var job = JsonSerializer.Deserialize(line, ClientJson.Default.ClientJob)!;
                ClientResult result;
                try
                {
                    result = await job.RunAsync(cancellationToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    result = new ClientResult(0, 0) { Failure = $"{failure.GetType().Name}: {failure.Message}" };
                }

                await System.Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, ClientJson.Default.ClientResult));
            }

            return 0;
        });
        return command;
    }
}
