using System.Security.Cryptography.X509Certificates;

namespace CasFunctions.Tests.Services;

/// <summary>Azurite: Blob and Table Storage on the loopback address, with its data in a folder of its own.</summary>
public sealed class Azurite : IAsyncDisposable
{
    /// <summary>The account that Azurite always has.</summary>
    public const string AccountName = "devstoreaccount1";

    /// <summary>That account's key, which Azurite's documentation publishes.</summary>
    public const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder;
    private readonly IReadOnlyList<string> _arguments;
    private ServiceProcess _process;

    private Azurite(TemporaryFolder folder, IReadOnlyList<string> arguments, ServiceProcess process)
    {
        _folder = folder;
        _arguments = arguments;
        _process = process;
        BlobEndpoint = Endpoint("Blob");
        TableEndpoint = Endpoint("Table");
    }

    /// <summary>The address of the account's blobs, without a trailing slash.</summary>
    public Uri BlobEndpoint { get; }

    /// <summary>The address of the account's tables, without a trailing slash.</summary>
    public Uri TableEndpoint { get; }

    /// <summary>A connection string with the account's key for both.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol={BlobEndpoint.Scheme};AccountName={AccountName};AccountKey={AccountKey};"
        + $"BlobEndpoint={BlobEndpoint};TableEndpoint={TableEndpoint};";

    /// <summary>Its processes, to be measured from outside.</summary>
    public IReadOnlyList<int> ProcessIds => [_process.Id];

    /// <summary>The folder of its data.</summary>
    public string DataFolder => _folder.FullPath;

    /// <summary>Starts Azurite over plain HTTP, for clients that sign with the account's key.</summary>
    public static Task<Azurite> StartAsync() => StartAsync(certificate: null, inMemory: false);

    /// <summary>Starts Azurite as <see cref="StartAsync()"/> does, but it never spends time on writing its data down.</summary>
    public static Task<Azurite> StartInMemoryAsync() => StartAsync(certificate: null, inMemory: true);

    /// <summary>
    /// Starts Azurite over HTTPS. It also takes bearer tokens for https://storage.azure.com and looks at their claims, but not at
    /// their signature.
    /// </summary>
    public static Task<Azurite> StartWithOAuthAsync(TestCertificate certificate) => StartAsync(certificate, inMemory: false);

    /// <summary>
    /// Ends it in order and starts it again at the same address. A kill would lose what it confirmed in the last seconds.
    /// </summary>
    /// <param name="away">How long it is away.</param>
    public async Task RestartAsync(TimeSpan away)
    {
        await _process.StopAsync(StartDeadline);
        await Task.Delay(away, TimeProvider.System);
        List<string> arguments = [.. _arguments];
        arguments[arguments.IndexOf("--blobPort") + 1] = $"{BlobEndpoint.Port}";
        arguments[arguments.IndexOf("--tablePort") + 1] = $"{TableEndpoint.Port}";
        _process = await LaunchAsync(arguments, _folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<Azurite> StartAsync(TestCertificate? certificate, bool inMemory)
    {
        var folder = new TemporaryFolder();
        try
        {
            List<string> arguments =
            [
                "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
                .. (IEnumerable<string>)(inMemory ? ["--inMemoryPersistence"] : ["--location", folder.FullPath]),
            ];
            if (certificate is not null)
            {
                using var key = certificate.Server.GetECDsaPrivateKey();
                arguments.AddRange(
                [
                    "--cert", folder.Write("cert.pem", certificate.Server.ExportCertificatePem()),
                    "--key", folder.Write("key.pem", key!.ExportPkcs8PrivateKeyPem()),
                    "--oauth", "basic",
                ]);
            }

            return new Azurite(folder, arguments, await LaunchAsync(arguments, folder));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private static Task<ServiceProcess> LaunchAsync(IReadOnlyList<string> arguments, TemporaryFolder folder)
    {
        var program = Prerequisite.Installed(".tools/azurite/node_modules/.bin/azurite", "tools/azurite/install");
        Prerequisite.Program("node", "Node.js 18 or newer");
        return ServiceProcess.StartAsync(
            program, arguments, folder.FullPath, (service, _) => Task.FromResult(IsListening(service)), StartDeadline);
    }

    private static bool IsListening(ServiceProcess service) =>
        ListeningAt(service, "Blob") is not null && ListeningAt(service, "Table") is not null;

    // Azurite takes free ports itself when asked for port 0, and names them in its output.
    private static string? ListeningAt(ServiceProcess service, string part)
    {
        var announcement = $"Azurite {part} service is successfully listening at ";
        return service.Output.FirstOrDefault(line => line.StartsWith(announcement, StringComparison.Ordinal))?[announcement.Length..];
    }

    private Uri Endpoint(string part) => new($"{ListeningAt(_process, part)}/{AccountName}");
}
