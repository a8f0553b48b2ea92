using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using CasFunctions.Digests;
using CasFunctions.Providers;
using CasFunctions.Providers.Oci;
using CasFunctions.Security;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Providers.Oci;

/// <summary>Opens stores on registries of the tests, through the real provider and the real guard.</summary>
internal static class OciTesting
{
    public const int PartSize = 8 * 1024 * 1024;

    /// <summary>A store at the first of these loopback servers.</summary>
    public static IBlobStore Open(
        IReadOnlyList<Uri> servers, string repository, OciCredentials? credentials, TimeProvider? time = null)
    {
        var provider = new OciBlobProvider(Outbound(servers), time ?? TimeProvider.System, NullLogger<OciBlobStore>.Instance);
        var settings = JsonSerializer.SerializeToElement(new { repository = $"{servers[0].Authority}/{repository}" });
        var secret = credentials is null
            ? (JsonElement?)null
            : JsonSerializer.SerializeToElement(new { username = credentials.Username, password = credentials.Password });
        var configuration = provider.Configure("org", settings, secret);
        return provider.Open(new BackendConnection("org", "backend", configuration.Settings, configuration.Credentials));
    }

    /// <summary>Lets these servers be reached: those of http without TLS.</summary>
    public static OutboundHandlerFactory Outbound(IReadOnlyList<Uri> servers) => new(Options.Create(new OutboundOptions
    {
        AllowedNetworks = ["127.0.0.1/32"],
        AllowedPorts = [.. servers.Select(server => server.Port)],
        PlainHttpHosts = [.. servers.Select(server => server.Authority)],
    }));

    public static string NewName() => $"tests/{Guid.NewGuid():n}";

    public static byte[] Random(int size) => RandomNumberGenerator.GetBytes(size);

    public static BlobDescriptor Describe(byte[] content, string? name = "sbom.json", string nonce = "nonce-1") =>
        new(Sha256Digest.Of(content), content.Length, name, "application/vnd.cyclonedx+json", nonce);

    public static Task<CommitOutcome> PutAsync(this IBlobStore store, BlobDescriptor blob, byte[] content) =>
        store.PutAsync(blob, new ReadOnlySequence<byte>(content), TestContext.Current.CancellationToken);

    /// <summary>Sends content in parts and commits it.</summary>
    public static async Task<CommitOutcome> StreamAsync(this IBlobStore store, BlobDescriptor blob, byte[] content)
    {
        var token = TestContext.Current.CancellationToken;
        await using var upload = await store.OpenUploadAsync(blob, uploadId: null, token);
        var tags = new List<string>();
        foreach (var part in content.Chunk(PartSize))
        {
            tags.Add(await upload.WritePartAsync(tags.Count + 1, new ReadOnlySequence<byte>(part), token));
        }

        return await upload.CommitAsync(tags, token);
    }

    public static async Task<byte[]> ReadAsync(this IBlobStore store, Sha256Digest digest, long offset, long length)
    {
        var token = TestContext.Current.CancellationToken;
        await using var stream = await store.OpenReadAsync(digest, offset, length, token);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, token);
        return read.ToArray();
    }

    public static async Task<ProviderErrorKind> FailsAsync(Func<Task> call) =>
        (await Assert.ThrowsAsync<ProviderException>(call)).Kind;
}
