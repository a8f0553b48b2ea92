using System.Net.Sockets;
using CasFunctions.Benchmarks.Clients;

namespace CasFunctions.Benchmarks.Servers;

/// <summary>Waits for the first answer of a server that is starting, to the millisecond.</summary>
internal static class FirstAnswer
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Asks until the answer is 200; false when none came in a while, so that the caller can see whether the server still runs.
    /// </summary>
    public static async Task<bool> AwaitAsync(Uri address, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < Patience)
        {
            if (Answers(address))
            {
                return true;
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return false;
    }

    private static bool Answers(Uri address)
    {
        try
        {
            using var wire = new HttpWire(address);
            wire.Send("GET", address.PathAndQuery, null);
            return wire.ReadAnswer().Status == 200;
        }
        catch (Exception failure) when (failure is SocketException or EndOfStreamException)
        {
            return false;
        }
    }
}
