using System.Diagnostics;
using System.Text.Json;
using CasFunctions.Benchmarks.Servers;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>
/// A process that sends and receives, so that its CPU time is its own. It stays for many jobs: what counts is a client that is warm.
/// </summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ClientProcess(Process process) => _process = process;

    /// <summary>Starts one.</summary>
    public static ClientProcess Start()
    {
        var start = new ProcessStartInfo(BenchPrograms.Dotnet)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var argument in (string[])[BenchPrograms.Bench, ClientCommand.Name])
        {
            start.ArgumentList.Add(argument);
        }

        return new ClientProcess(Process.Start(start)!);
    }

    /// <summary>Has a job done.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<ClientResult> RunAsync(ClientJob job, CancellationToken cancellationToken)
    {
        var request = JsonSerializer.Serialize(job, ClientJson.Default.ClientJob);
        await _process.StandardInput.WriteLineAsync(request.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("The client process ended.");
        var result = JsonSerializer.Deserialize(line, ClientJson.Default.ClientResult)!;
        return result.Failure is { } failure ? throw new InvalidOperationException(failure) : result;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The end of its input ends it. One that is in the middle of a job may never see it.
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
