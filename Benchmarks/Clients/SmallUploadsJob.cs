using System.Collections.Concurrent;
using System.Security.Cryptography;
using CasFunctions.Digests;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>
/// Stores small contents one after the other on some connections, all different, until the time is over: with the service in one call
/// each, or in a registry by POST and PUT. Digests are made before the clock starts.
/// </summary>
/// <param name="Address">The service's or the registry's address.</param>
/// <param name="Token">A token that may upload; null for a registry.</param>
/// <param name="Repository">The registry's repository; null for the service.</param>
/// <param name="Connections">How many connections.</param>
/// <param name="Size">Size of a content in bytes.</param>
/// <param name="Seconds">How long.</param>
internal sealed record SmallUploadsJob(
    Uri Address, string? Token, string? Repository, int Connections, int Size, double Seconds) : ClientJob
{
    private const int MostPerSecond = 5000;

    /// <inheritdoc/>
    public override async Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        var content = RandomNumberGenerator.GetBytes(Size);
        var digests = new Sha256Digest[(int)(MostPerSecond * Seconds)];
        for (var i = 0; i < digests.Length; i++)
        {
            BitConverter.TryWriteBytes(content, i);
            digests[i] = Sha256Digest.Of(content);
        }

        var next = -1;
        var latencies = new ConcurrentBag<List<double>>();
        var clock = JobClock.Start();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Threads.RunAsync(Connection)));
        var all = latencies.SelectMany(list => list).ToList();
        return clock.Stop() with { Requests = all.Count, Latencies = all };

        void Connection()
        {
            using var wire = new HttpWire(Address);
            var own = (byte[])content.Clone();
            var times = new List<double>();
            while (clock.Seconds < Seconds && Interlocked.Increment(ref next) is var i && i < digests.Length)
            {
                BitConverter.TryWriteBytes(own, i);
                var start = TimeProvider.System.GetTimestamp();
                Store(wire, digests[i].ToString(), own);
                times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            }

            latencies.Add(times);
        }
    }

    private void Store(HttpWire wire, string digest, byte[] content)
    {
        var path = Repository is null ? $"/v1/artifacts/{digest}" : RegistryPushJob.Begin(wire, Repository, digest);
        wire.Send("PUT", path, Token, content, "application/octet-stream");
        wire.ReadAnswer().Expect(201);
    }
}
