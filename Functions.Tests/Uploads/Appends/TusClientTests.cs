using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Uploads.Appends;

/// <summary>
/// Uploads by tus-js-client, the client of most browsers and build tools, through a proxy that cuts its connections. Each in a short form;
/// with CAS_LONG_TESTS=1 with 300 MiB and 20 cuts.
/// </summary>
public sealed class TusClientTests(TestServices services)
{
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("CAS_LONG_TESTS") == "1";
    private static readonly int Size = (IsLong ? 300 : 30) * MiB;
    private static readonly int Cuts = IsLong ? 20 : 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("azure-blob")]
    [InlineData("aws-s3")]
    [InlineData("oci")]
    public async Task It_uploads_to_every_provider_with_every_chunk_size_whatever_is_cut(string provider)
    {
        await using var ceph = IsLong && provider == "aws-s3" ? await CephS3.StartAsync(CephObjectStore.Disk) : null;
        var backends = await TestBackends.StartAsync(services, provider, ceph);
        await using var service = await CasService.StartAsync(services, ports: backends.Ports);
        (string Protocol, int? ChunkSize, bool Stream)[] ways =
        [
            ("tus-v1", 500 * KiB, false),
            ("tus-v1", 5 * MiB, false),
            ("tus-v1", 12 * MiB, true),
            ("tus-v1", 12 * MiB, false),
            ("tus-v1", 16 * MiB, false),
            ("tus-v1", null, false),
            ("ietf-draft-03", 5 * MiB, false),
            ("ietf-draft-03", null, false),
            ("ietf-draft-05", 12 * MiB, true),
            ("ietf-draft-05", 16 * MiB, false),
            ("ietf-draft-05", null, false),
        ];
        foreach (var (protocol, chunkSize, stream) in ways)
        {
            var tenant = await service.NewTenantAsync();
            await backends.AddAsync(tenant, provider);
            var watch = Stopwatch.StartNew();

            await using var proxy = await FaultProxy.StartAsync(service.Address);
            var retries = await UploadAsync(tenant, proxy, protocol, chunkSize, stream);

            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{provider}, {protocol}, chunks of {(chunkSize is { } bytes ? $"{bytes / KiB} KiB" : "any size")}{(stream ? " from a stream" : "")}: "
                + $"{Size / MiB} MiB with {Cuts} cuts and {retries} retries in {watch.Elapsed.TotalSeconds:F1} s");
        }
    }

    private static async Task<int> UploadAsync(Tenant tenant, FaultProxy proxy, string protocol, int? chunkSize, bool stream)
    {
        using var folder = new TemporaryFolder();
        var content = RandomNumberGenerator.GetBytes(Size);
        var digest = Sha256Digest.Of(content);
        var file = Path.Combine(folder.FullPath, "content");
        await File.WriteAllBytesAsync(file, content, Cancellation);
        var points = new HashSet<long>();
        while (points.Count < Cuts)
        {
            points.Add(RandomNumberGenerator.GetInt32(1, Size));
        }

        proxy.Break(request => request.Method == "PATCH", Fault.CutRequestsAt(points));
        var output = await RunAsync(JsonSerializer.Serialize(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["endpoint"] = new Uri(proxy.Address, "/v1/uploads"),
            ["protocol"] = protocol,
            ["token"] = tenant.OwnerToken,
            ["file"] = file,
            ["name"] = "content.bin",
            ["size"] = Size,
            ["digest"] = digest.ToString(),
            ["chunkSize"] = chunkSize,
            ["stream"] = stream,
            ["headers"] = protocol == "tus-v1"
                ? new Dictionary<string, string>(StringComparer.Ordinal)
                : new Dictionary<string, string>(StringComparer.Ordinal) { ["Repr-Digest"] = DigestFields.Write(digest) },
        }));

        var retries = JsonDocument.Parse(output).RootElement.GetProperty("retries").GetInt32();
        Assert.InRange(retries, Cuts, int.MaxValue);
        using var stored = await tenant.OpenAsync(digest);
        await using var bytes = await stored.Content.ReadAsStreamAsync(Cancellation);
        Assert.Equal(digest.Hex, Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, Cancellation)));
        return retries;
    }

    private static async Task<string> RunAsync(string options)
    {
        var package = Prerequisite.Installed(".tools/tus/node_modules/tus-js-client/package.json", "tools/tus/install");
        var start = new ProcessStartInfo(Prerequisite.Program("node", "Node.js 18 or newer"))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Uploads", "Appends", "tus-upload.cjs"),
                Path.GetDirectoryName(Path.GetDirectoryName(package)!)!,
                options,
            },
        };
        using var node = Process.Start(start)!;
        try
        {
            var output = node.StandardOutput.ReadToEndAsync(Cancellation);
            var errors = node.StandardError.ReadToEndAsync(Cancellation);
            await node.WaitForExitAsync(Cancellation);
            Assert.True(node.ExitCode == 0, await errors);
            return await output;
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill();
            }
        }
    }
}
