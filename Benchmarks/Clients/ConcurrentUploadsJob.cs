namespace CasFunctions.Benchmarks.Clients;

/// <summary>A content that is a few bytes and then a file that many contents share.</summary>
/// <param name="Digest">The digest of the whole.</param>
/// <param name="Prefix">The first bytes.</param>
internal sealed record PrefixedContent(string Digest, byte[] Prefix);

/// <summary>Stores many contents at once, each through a session of its own. The sessions are made before the clock starts.</summary>
/// <param name="Address">The service's address.</param>
/// <param name="Token">A token that may upload.</param>
/// <param name="Size">Size of each content in bytes.</param>
/// <param name="File">The file that all share.</param>
/// <param name="Contents">The contents.</param>
internal sealed record ConcurrentUploadsJob(
    Uri Address, string Token, long Size, string File, IReadOnlyList<PrefixedContent> Contents) : ClientJob
{
    /// <inheritdoc/>
    public override async Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        using var wire = new HttpWire(Address);
        var paths = Contents.Select(content => SessionUploadJob.NewSession(wire, Token, content.Digest, Size)).ToList();
        var clock = JobClock.Start();
        await Task.WhenAll(Contents.Zip(paths).Select(upload => Threads.RunAsync(() =>
        {
            using var own = new HttpWire(Address);
            own.SendFile("PUT", upload.Second, null, upload.First.Prefix, File);
            own.ReadAnswer().Expect(201);
        })));
        return clock.Stop() with { Requests = Contents.Count };
    }
}

/// <summary>Threads for blocking sockets.</summary>
internal static class Threads
{
    /// <summary>Runs an action on a thread of its own.</summary>
    public static Task RunAsync(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
