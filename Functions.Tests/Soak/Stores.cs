using Amazon.S3;
using Amazon.S3.Model;
using Azure.Storage.Blobs;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Soak;

/// <summary>A backend of an organization.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Provider">Its provider.</param>
/// <param name="Container">The container, bucket or repository.</param>
internal sealed record SoakBackend(string Name, string Provider, string Container);

/// <summary>The stores of the tenants, each behind a proxy that can break it.</summary>
internal sealed class Stores : IAsyncDisposable
{
    private readonly CephS3? _ownCeph;
    private readonly Dictionary<string, string> _users = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _usersGate = new(1);

    private Stores(Azurite azurite, OciRegistry registry, CephS3 ceph, bool ownsCeph, FaultProxy[] proxies)
    {
        Azurite = azurite;
        Registry = registry;
        Ceph = ceph;
        _ownCeph = ownsCeph ? ceph : null;
        (AzureProxy, RegistryProxy, CephProxy) = (proxies[0], proxies[1], proxies[2]);
    }

    public Azurite Azurite { get; }

    public OciRegistry Registry { get; }

    public CephS3 Ceph { get; }

    public FaultProxy AzureProxy { get; }

    public FaultProxy RegistryProxy { get; }

    public FaultProxy CephProxy { get; }

    /// <summary>All proxies.</summary>
    public IReadOnlyList<FaultProxy> Proxies => [AzureProxy, RegistryProxy, CephProxy];

    /// <summary>Starts them. Much content needs an S3 service of its own, with its data on disk.</summary>
    public static async Task<Stores> StartAsync(TestServices services, bool muchContent)
    {
        var azurite = Azurite.StartAsync();
        var registry = OciRegistry.StartAsync(RegistryAccess.Basic);
        var ceph = muchContent ? CephS3.StartAsync(CephObjectStore.Disk) : services.CephS3Async();
        FaultProxy[] proxies =
        [
            await FaultProxy.StartAsync((await azurite).BlobEndpoint, remembers: false),
            await FaultProxy.StartAsync((await registry).Address, remembers: false),
            await FaultProxy.StartAsync((await ceph).Address, remembers: false),
        ];
        return new(await azurite, await registry, await ceph, muchContent, proxies);
    }

    /// <summary>Makes a backend's container ready and describes the backend as the API wants it.</summary>
    public async Task<object> DescribeAsync(SoakBackend backend, string organization, CancellationToken cancellationToken)
    {
        if (backend.Provider == "aws-s3")
        {
            using var client = Ceph.CreateClient();
            await client.PutBucketAsync(backend.Container, cancellationToken);
        }

        object settings = backend.Provider switch
        {
            "oci" => new { repository = $"{RegistryProxy.Address.Authority}/{backend.Container}" },
            "aws-s3" => new { bucket = backend.Container, endpoint = CephProxy.Address.GetLeftPart(UriPartial.Authority) },
            _ => new { container = backend.Container },
        };
        var credentials = await NewCredentialsAsync(backend, organization);
        return new { name = backend.Name, provider = backend.Provider, maxBytes = 1L << 30, settings, credentials };
    }

    /// <summary>Credentials for a backend; for a registry those of a new user, beside the former ones.</summary>
    public async Task<object> NewCredentialsAsync(SoakBackend backend, string organization)
    {
        switch (backend.Provider)
        {
            case "oci":
                var user = $"{organization}-{Guid.NewGuid():n}";
                await ChangeUsersAsync(users => users[user] = Guid.NewGuid().ToString("n"));
                return new { username = user, password = _users[user] };
            case "aws-s3":
                return new { accessKeyId = Ceph.AccessKey, secretAccessKey = Ceph.SecretKey, region = CephS3.Region };
            default:
                return new { connectionString = AzureProxy.Through(Azurite.ConnectionString) };
        }
    }

    /// <summary>Takes the organization's users from the registry, but for the newest one.</summary>
    public Task RevokeFormerAsync(string organization, object newest)
    {
        var name = (string)newest.GetType().GetProperty("username")!.GetValue(newest)!;
        return ChangeUsersAsync(users =>
        {
            var formers = users.Keys.Where(user => user.StartsWith(organization, StringComparison.Ordinal) && user != name);
            foreach (var former in formers.ToList())
            {
                users.Remove(former);
            }
        });
    }

    /// <summary>Alters one byte of a stored content.</summary>
    /// <returns>False when it is not there.</returns>
    public async Task<bool> FlipAsync(SoakBackend backend, Sha256Digest digest, Random random, CancellationToken cancellationToken)
    {
        switch (backend.Provider)
        {
            case "oci":
                var file = Registry.BlobFile(digest.Hex);
                if (!File.Exists(file))
                {
                    return false;
                }

                var kept = await File.ReadAllBytesAsync(file, cancellationToken);
                await File.WriteAllBytesAsync(file, Altered(kept, random), cancellationToken);
                return true;
            case "aws-s3":
                using (var client = Ceph.CreateClient())
                {
                    try
                    {
                        using var stored = await client.GetObjectAsync(backend.Container, digest.ToString(), cancellationToken);
                        using var bytes = new MemoryStream();
                        await stored.ResponseStream.CopyToAsync(bytes, cancellationToken);
                        using var altered = new MemoryStream(Altered(bytes.ToArray(), random));
                        var put = new PutObjectRequest { BucketName = backend.Container, Key = digest.ToString(), InputStream = altered };
                        await client.PutObjectAsync(put, cancellationToken);
                        return true;
                    }
                    catch (AmazonS3Exception missing) when (missing.StatusCode == System.Net.HttpStatusCode.NotFound)
                    {
                        return false;
                    }
                }

            default:
                var blob = new BlobContainerClient(Azurite.ConnectionString, backend.Container).GetBlobClient(digest.ToString());
                if (!await blob.ExistsAsync(cancellationToken))
                {
                    return false;
                }

                var content = await blob.DownloadContentAsync(cancellationToken);
                var changed = Altered(content.Value.Content.ToArray(), random);
                await blob.UploadAsync(new BinaryData(changed), overwrite: true, cancellationToken);
                return true;
        }
    }

    /// <summary>The keys of the uploads that are open in a bucket.</summary>
    public async Task<IReadOnlyList<string>> OpenUploadsAsync(SoakBackend backend, CancellationToken cancellationToken)
    {
        using var client = Ceph.CreateClient();
        var open = await client.ListMultipartUploadsAsync(
            new ListMultipartUploadsRequest { BucketName = backend.Container }, cancellationToken);
        return [.. (open.MultipartUploads ?? []).Select(upload => upload.Key)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }

        await Azurite.DisposeAsync();
        await Registry.DisposeAsync();
        if (_ownCeph is not null)
        {
            await _ownCeph.DisposeAsync();
        }

        _usersGate.Dispose();
    }

    private static byte[] Altered(byte[] bytes, Random random)
    {
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    private async Task ChangeUsersAsync(Action<Dictionary<string, string>> change)
    {
        await _usersGate.WaitAsync();
        try
        {
            change(_users);
            await Registry.SetUsersAsync([.. _users.Select(user => (user.Key, user.Value))]);
        }
        finally
        {
            _usersGate.Release();
        }
    }
}
