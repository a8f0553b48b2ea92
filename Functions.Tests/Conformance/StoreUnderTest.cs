using System.Net;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Conformance;

/// <summary>
/// A provider on a real service, as the conformance suite sees it: a running CasFunctions with an organization whose default backend
/// it is, a proxy between the two that can break requests, and the service's own door, past CasFunctions.
/// </summary>
public abstract class StoreUnderTest(TestServices services) : IAsyncDisposable
{
    private const string StallingBackend = "stalling";
    private const int StalledSize = 100_000;
    private static readonly TimeSpan StallDeadline = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private Task? _start;
    private FaultProxy? _proxy;
    private FaultProxy? _stalling;
    private CasService? _service;
    private Tenant? _tenant;

    /// <summary>What the report calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Largest content in bytes.</summary>
    public virtual long MaxSize => 128L * 1024 * 1024;

    /// <summary>Whether content that was altered at the store is put right by uploading it again.</summary>
    public virtual bool HealsByUpload => true;

    /// <summary>Whether a part that failed on its way is sent again; without it the whole upload has to be repeated.</summary>
    public virtual bool RepeatsParts => true;

    /// <summary>Why parts of an upload that is given up stay at the service, unreadable; null when they are dropped at once.</summary>
    public virtual string? PartsStayBecause => null;

    /// <summary>Why there are no credentials to be wrong; null when there are.</summary>
    public virtual string? NoCredentialsBecause => null;

    /// <summary>Why a place that does not exist can be registered; null when it is refused.</summary>
    public virtual string? NoMissingPlaceBecause => null;

    /// <summary>Why no place can disappear; null when one can.</summary>
    public virtual string? PlaceStaysBecause => null;

    /// <summary>Between CasFunctions and the service.</summary>
    public FaultProxy Proxy => _proxy!;

    /// <summary>The organization.</summary>
    public Tenant Tenant => _tenant!;

    /// <summary>Where the default backend of <see cref="Tenant"/> is.</summary>
    public string Place { get; private set; } = "";

    /// <summary>An upload whose last step got no answer, begun when the suite began: it takes as long as a time-out.</summary>
    public Task<ApiReply> Stalled { get; private set; } = Task.FromException<ApiReply>(new InvalidOperationException("Not started."));

    /// <summary>What <see cref="Stalled"/> sends.</summary>
    public byte[] StalledContent { get; } = System.Security.Cryptography.RandomNumberGenerator.GetBytes(StalledSize);

    /// <summary>The real services of the run.</summary>
    protected TestServices Services => services;

    /// <summary>The certificate of a service that speaks TLS.</summary>
    protected virtual TestCertificate? Certificate => null;

    /// <summary>Ports besides the proxies' that CasFunctions has to reach.</summary>
    protected virtual IEnumerable<int> MorePorts => [];

    /// <summary>Starts everything once. Skips or fails the asking test where a program is missing.</summary>
    public Task StartAsync()
    {
        lock (_lock)
        {
            return _start ??= StartOnceAsync();
        }
    }

    /// <summary>Another CasFunctions, in a process that can be killed, on the same service.</summary>
    public Task<CasProcess> StartProcessAsync() => CasProcess.StartAsync(services, ServiceSettings(Proxy, _stalling!), ports: Ports());

    /// <summary>Another organization, without a backend of its own yet.</summary>
    public Task<Tenant> NewTenantAsync() => _service!.NewTenantAsync();

    /// <summary>Registers a place as the default backend.</summary>
    public async Task AddBackendAsync(Tenant tenant, string place) =>
        (await AddBackendAsync(tenant, "default", Proxy, place, Credentials(Proxy), true)).Expect(HttpStatusCode.Created);

    /// <summary>Tries to register a place with credentials that are not right.</summary>
    public Task<ApiReply> AddWithWrongCredentialsAsync(string place) => AddBackendAsync(Tenant, "wrong", Proxy, place, WrongCredentials, false);

    /// <summary>Tries to register a place that doesn't exist.</summary>
    public Task<ApiReply> AddMissingAsync() =>
        AddBackendAsync(Tenant, "missing", Proxy, "missing-" + Guid.NewGuid().ToString("n")[..8], Credentials(Proxy), false);

    /// <summary>Makes a new place (bucket, container, repository) and returns its name.</summary>
    public abstract Task<string> NewPlaceAsync();

    /// <summary>Removes a place with all that it holds.</summary>
    public virtual Task RemovePlaceAsync(string place) => throw new NotSupportedException();

    /// <summary>The bytes that the service would give to any of its clients for this digest, or null when it has none.</summary>
    public abstract Task<byte[]?> ReadPastAsync(Sha256Digest digest);

    /// <summary>Why no other client can reach what is stored; null when one can.</summary>
    public virtual string? NoOtherClientBecause => null;

    /// <summary>Fetches what is stored under a digest with a program that nobody here wrote, past CasFunctions.</summary>
    /// <param name="digest">The digest.</param>
    /// <param name="folder">Where the program may work.</param>
    /// <returns>The file that it wrote.</returns>
    public virtual Task<string> FetchWithOtherClientAsync(Sha256Digest digest, TemporaryFolder folder) => throw new NotSupportedException();

    /// <summary>Puts something of somebody else's where the content of this digest belongs.</summary>
    public abstract Task PlantForeignAsync(Sha256Digest digest, byte[] bytes);

    /// <summary>Changes the bytes that the service holds for this digest.</summary>
    public abstract Task AlterAsync(Sha256Digest digest, byte[] bytes);

    /// <summary>Takes away what the service holds for this digest.</summary>
    public abstract Task RemoveAsync(Sha256Digest digest);

    /// <summary>How many uploads of this digest are open at the service, where it can tell.</summary>
    public virtual Task<int> UnfinishedAsync(Sha256Digest digest) => Task.FromResult(0);

    /// <summary>Whether a request carries bytes of this digest's content.</summary>
    public abstract bool IsContent(ProxiedRequest request, Sha256Digest digest);

    /// <summary>Whether a request is one that makes this digest's content readable.</summary>
    public abstract bool IsCommit(ProxiedRequest request, Sha256Digest digest);

    /// <summary>Whether a request reads this digest's content.</summary>
    public virtual bool IsRead(ProxiedRequest request, Sha256Digest digest) =>
        request.Method == "GET" && request.Path.Contains(digest.Hex, StringComparison.Ordinal);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var part in new IAsyncDisposable?[] { _service, _stalling, _proxy })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }
    }

    /// <summary>Starts the real service and returns its address.</summary>
    protected abstract Task<Uri> StartServiceAsync();

    /// <summary>The provider's name, or null for the backend that every organization has.</summary>
    protected abstract string? Provider { get; }

    /// <summary>The <c>settings</c> of a backend through a proxy.</summary>
    protected abstract object BackendSettings(FaultProxy proxy, string place);

    /// <summary>The <c>credentials</c> of a backend through a proxy.</summary>
    protected abstract object? Credentials(FaultProxy proxy);

    /// <summary>Credentials that are well-formed and not right.</summary>
    protected virtual object? WrongCredentials => null;

    /// <summary>Further settings of CasFunctions.</summary>
    protected virtual Dictionary<string, string> ServiceSettings(FaultProxy proxy, FaultProxy stalling) => [];

    /// <summary>Fetches an object with rclone, which has implementations of its own of S3 and Azure Blob Storage.</summary>
    /// <param name="folder">Where it works.</param>
    /// <param name="remote">The store's lines in rclone's configuration.</param>
    /// <param name="path">Bucket or container, and key.</param>
    /// <param name="options">Further options.</param>
    protected static async Task<string> FetchWithRcloneAsync(TemporaryFolder folder, string remote, string path, params string[] options)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var rclone = Prerequisite.Program("rclone", "Debian package rclone");
        var configuration = folder.Write("rclone.conf", $"[store]\n{remote}\n");

        // rclone fails on a certificate bundle that the machine sets for AWS.
        string[] command = ["-u", "AWS_CA_BUNDLE", rclone, "--config", configuration, "--retries", "1", .. options];
        await ServiceProcess.RunAsync(
            Prerequisite.Program("env", "coreutils"), [.. command, "copyto", $"store:{path}", folder["fetched"]], folder.FullPath, StallDeadline);
        return folder["fetched"];
    }

    private IEnumerable<int> Ports() => [Proxy.Address.Port, _stalling!.Address.Port, .. MorePorts];

    private async Task StartOnceAsync()
    {
        var address = await StartServiceAsync();
        _proxy = await FaultProxy.StartAsync(address, Certificate);
        _stalling = await FaultProxy.StartAsync(address, Certificate);
        _service = await CasService.StartAsync(services, Ports(), ServiceSettings(_proxy, _stalling));
        _tenant = await _service.NewTenantAsync();
        if (Provider is not null)
        {
            Place = await NewPlaceAsync();
            await AddBackendAsync(_tenant, Place);
            var stalling = await AddBackendAsync(_tenant, StallingBackend, _stalling, await NewPlaceAsync(), Credentials(_stalling), false);
            stalling.Expect(HttpStatusCode.Created);
        }

        await StallAsync();
    }

    private async Task StallAsync()
    {
        var digest = Sha256Digest.Of(StalledContent);
        var proxy = Provider is null ? Proxy : _stalling!;
        proxy.Break(request => IsCommit(request, digest), Fault.Stall, times: 1);
        var upload = (await Tenant.CreateUploadAsync(digest, StalledSize, backend: Provider is null ? null : StallingBackend))
            .Expect(HttpStatusCode.Created)["uploadUrl"]!;
        Stalled = Tenant.PutAsync(upload, StalledContent);
        await Eventually.TrueAsync(_ => Task.FromResult(proxy.Requests.Any(request => IsCommit(request, digest))), StallDeadline);
    }

    private Task<ApiReply> AddBackendAsync(Tenant tenant, string name, FaultProxy proxy, string place, object? credentials, bool isDefault) =>
        tenant.PostAsync("/v1/backends", new
        {
            name,
            provider = Provider,
            maxBytes = MaxSize,
            @default = isDefault,
            settings = BackendSettings(proxy, place),
            credentials,
        });
}
