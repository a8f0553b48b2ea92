using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace CasFunctions.Tests.Services;

/// <summary>How a registry knows its callers.</summary>
public enum RegistryAccess
{
    /// <summary>Everybody may do everything.</summary>
    Anonymous,

    /// <summary>HTTP Basic authentication.</summary>
    Basic,

    /// <summary>Bearer tokens of a <see cref="FakeTokenServer"/>, which takes the user name and the password.</summary>
    Token,
}

/// <summary>The registry of the distribution project, over plain HTTP on the loopback address, with its data on disk.</summary>
public sealed partial class OciRegistry : IAsyncDisposable
{
    /// <summary>The user that Basic and Token registries know.</summary>
    public const string UserName = "ci";

    private const string Source = "Debian package docker-registry";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder;
    private ServiceProcess _process;

    private OciRegistry(TemporaryFolder folder, ServiceProcess process, string password, FakeTokenServer? tokens)
    {
        _folder = folder;
        _process = process;
        Password = password;
        Tokens = tokens;
        Address = new Uri($"http://{ListeningAt(process)}");
    }

    /// <summary>The registry's address; the API begins at <c>/v2/</c>.</summary>
    public Uri Address { get; }

    /// <summary>Its processes, to be measured from outside.</summary>
    public IReadOnlyList<int> ProcessIds => [_process.Id];

    /// <summary>The password of <see cref="UserName"/>.</summary>
    public string Password { get; }

    /// <summary>The token server of a registry with <see cref="RegistryAccess.Token"/>.</summary>
    public FakeTokenServer? Tokens { get; }

    /// <summary>The path of the file that holds a stored blob's bytes, for tests that tamper with them or look for leftovers.</summary>
    /// <param name="sha256">The digest in lower-case hex.</param>
    public string BlobFile(string sha256) =>
        Path.Combine(_folder["data"], "docker/registry/v2/blobs/sha256", sha256[..2], sha256, "data");

    /// <summary>Lets in these users and no others, with <see cref="RegistryAccess.Basic"/>.</summary>
    public async Task SetUsersAsync(params (string Name, string Password)[] users)
    {
        var lines = await Task.WhenAll(users.Select(user => HashAsync(_folder, user.Name, user.Password)));

        // The registry may read the file at any moment, so it has to be whole at any moment.
        File.Move(_folder.Write("htpasswd.new", string.Concat(lines)), _folder["htpasswd"], overwrite: true);
    }

    /// <summary>Kills it and starts it again at the same address; what it confirmed is on disk.</summary>
    /// <param name="away">How long it is away.</param>
    public async Task RestartAsync(TimeSpan away)
    {
        await _process.DisposeAsync();
        var configuration = await File.ReadAllTextAsync(_folder["config.yml"]);
        _folder.Write("config.yml", configuration.Replace("127.0.0.1:0\n", Address.Authority + "\n", StringComparison.Ordinal));
        await Task.Delay(away, TimeProvider.System);
        _process = await LaunchAsync(_folder);
    }

    /// <summary>Starts a registry.</summary>
    /// <param name="access">How it knows its callers.</param>
    /// <param name="relativeUrls">Whether <c>Location</c> headers are paths; false makes them absolute addresses.</param>
    public static async Task<OciRegistry> StartAsync(RegistryAccess access = RegistryAccess.Anonymous, bool relativeUrls = true)
    {
        var password = RandomNumberGenerator.GetHexString(24, lowercase: true);
        var folder = new TemporaryFolder();
        FakeTokenServer? tokens = null;
        try
        {
            tokens = access == RegistryAccess.Token ? await FakeTokenServer.StartAsync(UserName, password) : null;
            var authentication = access switch
            {
                RegistryAccess.Basic => await ConfigureBasicAsync(folder, password),
                RegistryAccess.Token => ConfigureTokens(folder, tokens!),
                _ => "",
            };
            folder.Write("config.yml", Configuration(folder["data"], relativeUrls) + authentication);
            return new OciRegistry(folder, await LaunchAsync(folder), password, tokens);
        }
        catch
        {
            if (tokens is not null)
            {
                await tokens.DisposeAsync();
            }

            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        if (Tokens is not null)
        {
            await Tokens.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static Task<ServiceProcess> LaunchAsync(TemporaryFolder folder) => ServiceProcess.StartAsync(
        Prerequisite.Program("docker-registry", Source),
        ["serve", folder["config.yml"]],
        folder.FullPath,
        (service, _) => Task.FromResult(ListeningAt(service) is not null),
        Deadline);

    private static string Configuration(string data, bool relativeUrls) =>
        $"""
        version: 0.1
        log:
          level: info
          accesslog:
            disabled: true
        storage:
          filesystem:
            rootdirectory: {data}
          delete:
            enabled: true
        http:
          addr: 127.0.0.1:0
          secret: {RandomNumberGenerator.GetHexString(32)}
          relativeurls: {(relativeUrls ? "true" : "false")}

        """;

    private static async Task<string> ConfigureBasicAsync(TemporaryFolder folder, string password) =>
        $"""
        auth:
          htpasswd:
            realm: tests
            path: {folder.Write("htpasswd", await HashAsync(folder, UserName, password))}
        """;

    // -B because the registry reads bcrypt only; 5 is the cheapest cost, so that hashing doesn't dominate the tests.
    private static Task<string> HashAsync(TemporaryFolder folder, string user, string password) => ServiceProcess.RunAsync(
        Prerequisite.Program("htpasswd", "Debian package apache2-utils"), ["-nbB", "-C", "5", user, password], folder.FullPath, Deadline);

    private static string ConfigureTokens(TemporaryFolder folder, FakeTokenServer tokens) =>
        $"""
        auth:
          token:
            realm: {tokens.Realm}
            service: {FakeTokenServer.Name}
            issuer: {FakeTokenServer.Name}
            rootcertbundle: {folder.Write("issuer.pem", tokens.CertificatePem)}
        """;

    // The registry takes a free port itself when asked for port 0, and names it in its log.
    private static string? ListeningAt(ServiceProcess service) =>
        service.Output.Select(line => Listening().Match(line)).FirstOrDefault(match => match.Success)?.Groups["address"].Value;

    [GeneratedRegex(@"listening on (?<address>[\d.]+:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
