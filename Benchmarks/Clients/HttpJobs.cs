using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>Puts a file to an address.</summary>
/// <param name="Address">The address.</param>
/// <param name="File">The file's path.</param>
internal sealed record PutJob(Uri Address, string File) : ClientJob
{
    /// <inheritdoc/>
    public override Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        using var wire = new HttpWire(Address);
        var clock = JobClock.Start();
        wire.SendFile("PUT", Address.PathAndQuery, null, default, File);
        wire.ReadAnswer().Expect(200);
        return Task.FromResult(clock.Stop());
    }
}

/// <summary>Stores a file with the service: asks for a session and puts the content into it. Both are timed.</summary>
/// <param name="Address">The service's address.</param>
/// <param name="Token">A token that may upload.</param>
/// <param name="Digest">The content's digest.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="File">The file's path.</param>
internal sealed record SessionUploadJob(Uri Address, string Token, string Digest, long Size, string File) : ClientJob
{
    /// <inheritdoc/>
    public override Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        using var wire = new HttpWire(Address);
        var clock = JobClock.Start();
        wire.SendFile("PUT", NewSession(wire, Token, Digest, Size), null, default, File);
        wire.ReadAnswer().Expect(201);
        return Task.FromResult(clock.Stop());
    }

    /// <summary>Asks for a session and returns its path.</summary>
    public static string NewSession(HttpWire wire, string token, string digest, long size)
    {
        var request = Encoding.ASCII.GetBytes($$"""{"digest":"{{digest}}","size":{{size}}}""");
        wire.Send("POST", "/v1/uploads", token, request, "application/json");
        using var session = JsonDocument.Parse(wire.ReadAnswer().Expect(201).Body);
        return session.RootElement.GetProperty("uploadUrl").GetString()!;
    }
}

/// <summary>Fetches a content and drops it.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Token">A token, where one is needed.</param>
/// <param name="Size">The size that it must have, in bytes.</param>
/// <param name="Digest">The digest that it must have; null when nobody looks, because that takes time.</param>
internal sealed record GetJob(Uri Address, string? Token, long Size, string? Digest) : ClientJob
{
    /// <inheritdoc/>
    public override Task<ClientResult> RunAsync(CancellationToken cancellationToken)
    {
        using var wire = new HttpWire(Address);
        using var hash = Digest is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var clock = JobClock.Start();
        wire.Send("GET", Address.PathAndQuery, Token);
        var answer = wire.ReadAnswer(hash).Expect(200);
        var result = clock.Stop();
        if (answer.Length != Size)
        {
            throw new InvalidDataException($"Got {answer.Length} bytes of {Size}.");
        }

        if (hash is not null && "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset()) != Digest)
        {
            throw new InvalidDataException("Got other content.");
        }

        return Task.FromResult(result);
    }
}
