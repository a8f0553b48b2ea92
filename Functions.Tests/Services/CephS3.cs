using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;

namespace CasFunctions.Tests.Services;

/// <summary>Where a <see cref="CephS3"/> keeps its objects.</summary>
public enum CephObjectStore
{
    /// <summary>In memory, which grows with the data: for small objects.</summary>
    Memory,

    /// <summary>On disk (BlueStore): for large objects.</summary>
    Disk,
}

/// <summary>An S3 service: a Ceph cluster of one monitor and one OSD with a RADOS gateway, on the loopback address.</summary>
public sealed class CephS3 : IAsyncDisposable
{
    /// <summary>A region name to sign with; the gateway takes any.</summary>
    public const string Region = "us-east-1";

    private const string Source = "Debian packages radosgw, ceph-mon and ceph-osd";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly Stack<ServiceProcess> _processes = [];
    private readonly string _configuration;

    private CephS3(CephObjectStore store)
    {
        MonitorAddress = $"127.0.0.1:{ServiceProcess.FreePort()}";
        Address = new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}");
        _configuration = _folder.Write("ceph.conf", Configuration(store));
    }

    /// <summary>The gateway's address; buckets are addressed by path.</summary>
    public Uri Address { get; }

    /// <summary>The processes of the monitor, the OSD and the gateway, to be measured from outside.</summary>
    public IReadOnlyList<int> ProcessIds => [.. _processes.Select(process => process.Id)];

    /// <summary>The access key id of the only user.</summary>
    public string AccessKey { get; } = "TESTS";

    /// <summary>That user's secret key.</summary>
    public string SecretKey { get; } = Guid.NewGuid().ToString("n");

    private string ClusterId { get; } = Guid.NewGuid().ToString();

    private string MonitorAddress { get; }

    /// <summary>Starts a cluster with its gateway and creates the user.</summary>
    public static async Task<CephS3> StartAsync(CephObjectStore store = CephObjectStore.Memory)
    {
        foreach (var program in (string[])["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool"])
        {
            Prerequisite.Program(program, Source);
        }

        var ceph = new CephS3(store);
        try
        {
            await ceph.StartClusterAsync();
            return ceph;
        }
        catch
        {
            await ceph.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client with the user's keys.</summary>
    /// <param name="address">Another address than the gateway's own, such as that of a <see cref="FaultProxy"/> before it.</param>
    public IAmazonS3 CreateClient(Uri? address = null) => new AmazonS3Client(
        new BasicAWSCredentials(AccessKey, SecretKey),
        new AmazonS3Config
        {
            ServiceURL = (address ?? Address).ToString(),
            AuthenticationRegion = Region,
            ForcePathStyle = true,
            // Ceph 16 doesn't know the checksum trailers that the SDK sends by default.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });

    /// <summary>Gives the user one more pair of keys.</summary>
    public async Task<(string AccessKey, string SecretKey)> CreateKeyAsync()
    {
        var (access, secret) = (Guid.NewGuid().ToString("n"), Guid.NewGuid().ToString("n"));
        await AdministerAsync("key", "create", "--uid", "tests", "--access-key", access, "--secret-key", secret);
        return (access, secret);
    }

    /// <summary>Takes a pair of keys from the user: from now on they are refused.</summary>
    public Task RemoveKeyAsync(string accessKey) => AdministerAsync("key", "rm", "--uid", "tests", "--access-key", accessKey);

    /// <summary>Creates a bucket with a new name and returns the name.</summary>
    public async Task<string> CreateBucketAsync(CancellationToken cancellationToken)
    {
        var bucket = $"tests-{Guid.NewGuid():n}";
        using var client = CreateClient();
        await client.PutBucketAsync(bucket, cancellationToken);
        return bucket;
    }

    /// <summary>Frees the space of deleted objects at once. By itself the gateway waits for two hours, which is long for large objects.</summary>
    public Task CollectGarbageAsync() => AdministerAsync("gc", "process", "--include-all");

    public async ValueTask DisposeAsync()
    {
        while (_processes.TryPop(out var process))
        {
            await process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartClusterAsync()
    {
        var disk = Guid.NewGuid().ToString();
        Directory.CreateDirectory(_folder["mon"]);
        Directory.CreateDirectory(_folder["osd"]);
        await RunAsync("monmaptool", "--create", "--addv", "a", $"[v1:{MonitorAddress}]", "--fsid", ClusterId, "monmap");
        await RunAsync("ceph-mon", "-c", _configuration, "-i", "a", "--mkfs", "--monmap", "monmap");
        await StartAsync((_, _) => HasRegisteredAsync(disk), "ceph-mon", "-c", _configuration, "-i", "a", "-f");
        await RunAsync("ceph", "-c", _configuration, "osd", "crush", "add", "0", "1.0", "host=localhost", "root=default");
        await RunAsync("ceph-osd", "-c", _configuration, "-i", "0", "--mkfs", "--osd-uuid", disk);
        await StartAsync(Started, "ceph-osd", "-c", _configuration, "-i", "0", "-f");
        await StartAsync(GatewayAnswersAsync, "radosgw", "-c", _configuration, "-n", "client.rgw", "-f");
        await AdministerAsync("user", "create", "--uid", "tests", "--display-name", "tests", "--access-key", AccessKey, "--secret-key", SecretKey);
    }

    // Until its election is over, a monitor refuses all commands with EPERM. Registering an OSD again changes nothing.
    private async Task<bool> HasRegisteredAsync(string disk)
    {
        try
        {
            await RunAsync("ceph", "-c", _configuration, "osd", "new", disk);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static Task<bool> Started(ServiceProcess service, CancellationToken cancellationToken) => Task.FromResult(true);

    private async Task<bool> GatewayAnswersAsync(ServiceProcess service, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(Address, cancellationToken);
        return answer.IsSuccessStatusCode;
    }

    private Task<string> AdministerAsync(params string[] arguments) =>
        RunAsync("radosgw-admin", ["-c", _configuration, "-n", "client.rgw", .. arguments]);

    private Task<string> RunAsync(string program, params string[] arguments) =>
        ServiceProcess.RunAsync(Prerequisite.Program(program, Source), arguments, _folder.FullPath, Deadline);

    private async Task StartAsync(
        Func<ServiceProcess, CancellationToken, Task<bool>> ready, string program, params string[] arguments) =>
        _processes.Push(await ServiceProcess.StartAsync(
            Prerequisite.Program(program, Source), arguments, _folder.FullPath, ready, Deadline));

    // One replica on one OSD, no keys, no manager daemon; a short Paxos interval because starting is a row of map changes.
    private string Configuration(CephObjectStore store) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        [global]
        fsid = {ClusterId}
        mon host = v1:{MonitorAddress}
        ms bind msgr2 = false
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        auth cluster required = none
        auth service required = none
        auth client required = none
        keyring = /dev/null
        run dir = {_folder.FullPath}
        admin socket =
        pid file =
        log file =
        log to stderr = true
        debug default = 0
        debug rocksdb = 0
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 8
        osd pool default pgp num = 8
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        osd crush update on start = false
        osd class update on start = false
        osd objectstore = {(store == CephObjectStore.Memory ? "memstore" : "bluestore")}
        memstore device bytes = {4L << 30}
        bluestore block size = {16L << 30}
        mon max pg per osd = 1000
        mon allow pool size one = true
        mon data avail warn = 2
        mon data avail crit = 1
        paxos propose interval = 0.02
        rgw frontends = beast endpoint={Address.Authority}
        rgw dns name = s3.eu-west-1.amazonaws.com
        [mon]
        mon data = {_folder["mon"]}
        mon cluster log file =
        [osd]
        osd data = {_folder["osd"]}

        """);
}
