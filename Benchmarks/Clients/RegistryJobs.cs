using System.Diagnostics;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>Pushes a file into a registry as a blob: POST for the upload, then one PUT.</summary>
/// <param name="Registry">The registry's address.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Digest">The content's digest.</param>
/// <param name="File">The file's path.</param>
internal sealed record RegistryPushJob(Uri Registry, string Repository, string Digest, string File) : ClientJob
{
    /// <inheritdoc/>
    public override Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        using var wire = new HttpWire(Registry);
        var clock = JobClock.Start();
        wire.SendFile("PUT", Begin(wire, Repository, Digest), null, default, File, "application/octet-stream");
        wire.ReadAnswer().Expect(201);
        return Task.FromResult(clock.Stop());
    }

    /// <summary>Begins an upload and returns the path that takes the whole blob.</summary>
    public static string Begin(HttpWire wire, string repository, string digest)
    {
        wire.Send("POST", $"/v2/{repository}/blobs/uploads/", null);
        return $"{wire.ReadAnswer().Expect(202).Location}&digest={digest}";
    }
}

/// <summary>The same with curl, which is what people use by hand.</summary>
/// <param name="Registry">The registry's address.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Digest">The content's digest.</param>
/// <param name="File">The file's path.</param>
/// <param name="Streamed">True for a chunked PATCH that an empty PUT closes, false for one PUT.</param>
internal sealed record CurlPushJob(Uri Registry, string Repository, string Digest, string File, bool Streamed) : ClientJob
{
    private static readonly string[] Binary = ["-H", "Content-Type: application/octet-stream"];

    /// <inheritdoc/>
    public override async Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        var clock = JobClock.Start();
        var upload = await SendAsync(["-X", "POST", "-H", "Content-Length: 0"], new Uri(Registry, $"/v2/{Repository}/blobs/uploads/"));
        if (Streamed)
        {
            upload = await SendAsync(["-X", "PATCH", "-T", File, "-H", "Transfer-Encoding: chunked", .. Binary], upload);
            await SendAsync(["-X", "PUT", "-H", "Content-Length: 0"], Closing(upload));
        }
        else
        {
            await SendAsync(["-T", File, .. Binary], Closing(upload));
        }

        return clock.Stop();

        Uri Closing(Uri address) => new($"{address}&digest={Digest}");

        async Task<Uri> SendAsync(string[] arguments, Uri address)
        {
            var head = await Curl.RunAsync(["-D", "-", .. arguments], address, cancellationToken);
            var location = head.Split('\n').First(line => line.StartsWith("location:", StringComparison.OrdinalIgnoreCase));
            return new Uri(Registry, location["location:".Length..].Trim());
        }
    }
}

/// <summary>Fetches a content with curl and drops it.</summary>
/// <param name="Address">Its address.</param>
internal sealed record CurlGetJob(Uri Address) : ClientJob
{
    /// <inheritdoc/>
    public override async Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        var clock = JobClock.Start();
        await Curl.RunAsync([], Address, cancellationToken);
        return clock.Stop();
    }
}

/// <summary>The program curl.</summary>
internal static class Curl
{
    /// <summary>Makes a request, drops the body of its answer, and returns what else curl wrote.</summary>
    public static async Task<string> RunAsync(string[] arguments, Uri address, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("curl") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-sS", "--fail", "-o", "/dev/null", .. arguments, address.AbsoluteUri])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"curl ended with {process.ExitCode}: {await errors}");
    }
}
