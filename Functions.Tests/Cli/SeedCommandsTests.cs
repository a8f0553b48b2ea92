using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Security;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Cli;

/// <summary>
/// The commands of the page that this project is built from, word for word but for the program's name, in a shell without a terminal,
/// against real stores.
/// </summary>
public sealed class SeedCommandsTests(TestServices services) : IAsyncLifetime
{
    private const string Region = "eu-west-1";
    private const string AwsHost = $"s3.{Region}.amazonaws.com";
    private const string CloudSuffix = "blob.tests.example";

    private readonly byte[] _content = RandomNumberGenerator.GetBytes(1030);
    private readonly TestCertificate _awsCertificate = new(AwsHost, "*." + AwsHost);
    private CephS3 _ceph = null!;
    private OciRegistry _registry = null!;
    private AzureOAuth _azure = null!;
    private CasService _service = null!;
    private Tenant _tenant = null!;
    private CasProgram _cas = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ceph = await services.CephS3Async();
        _registry = await services.OciRegistryAsync();
        _azure = await services.AzureOAuthAsync();
        var blobs = _azure.Storage.BlobEndpoint;
        _service = await CasService.StartAsync(
            services,
            ports: [_ceph.Address.Port, _registry.Address.Port],
            settings: new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Cas:Backends:AzureClouds:0:Suffix"] = CloudSuffix,
                ["Cas:Backends:AzureClouds:0:BlobEndpoint"] = blobs.GetLeftPart(UriPartial.Authority) + "/{account}",
                ["Cas:Backends:AzureClouds:0:Authority"] = _azure.Entra.Authority.ToString(),
                ["Cas:Outbound:AllowedPorts:10"] = $"{blobs.Port}",
                ["Cas:Outbound:AllowedPorts:11"] = $"{_azure.Entra.Authority.Port}",
                ["Cas:Outbound:TrustedCertificates:0"] = _azure.Certificate.AuthorityFile,
                ["Cas:Outbound:TrustedCertificates:1"] = _awsCertificate.AuthorityFile,
            },
            configure: builder => builder.Services.AddSingleton<HostResolver>(
                (host, token) => host.EndsWith(AwsHost, StringComparison.Ordinal)
                    ? Task.FromResult<IPAddress[]>([IPAddress.Loopback])
                    : Dns.GetHostAddressesAsync(host, token)));
        _tenant = await _service.NewTenantAsync();
        _cas = new CasProgram(_tenant);
    }

    public async ValueTask DisposeAsync()
    {
        _cas.Dispose();
        await _service.DisposeAsync();
        _awsCertificate.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Registries()
    {
        _cas.Write("service-account.json", """{"type":"service_account","private_key":"a 'quoted' \"key\""}"""u8.ToArray());
        await RunAsync(
            """
            cas cas-backend add oci \
              --name [cas-backend-name]-gar \
              --repo [region]-docker.pkg.dev/[my-project]/[my-repository] \
              --username _json_key \
              --password "$(cat service-account.json)" \
              --default

            cas cas-backend add oci \
              --name [cas-backend-name]-acr \
              --repo [registry-name].azurecr.io/[my-repository] \
              --username [token-name] \
              --password [token-password] \
              --default

            cas cas-backend add oci \
              --name [cas-backend-name]-ghcr \
              --repo ghcr.io/[username or org]/[my-repository] \
              --username [username] \
              --password [personal access token] \
              --default

            cas cas-backend add oci \
                --name [cas-backend-name]-hub \
                --repo index.docker.io/[username] \
                --username [username] \
                --password [personal access token] \
                --default

            cas cas-backend update oci --name [BACKEND_NAME]-gar --username [NEW_USERNAME] --password [NEW_PASSWORD]
            cas cas-backend update oci --name [BACKEND_NAME]-gar --default=true
            cas cas-backend update oci --name [BACKEND_NAME]-acr --fallback=true
            """);

        await UploadAndDownloadAsync("backend-gar");
        Assert.Equal(("backend-gar", "backend-acr"), await SelectionAsync());
    }

    [Fact]
    public async Task S3_with_an_endpoint()
    {
        await RunAsync(
            """
            cas cas-backend add aws-s3 \
                --name [BACKEND_NAME] \
                --access-key-id [accessKeyID] \
                --secret-access-key [secretAccessKey] \
                --bucket [bucketName] \
                --endpoint [endpoint] # provide the custom endpoint

            cas cas-backend update aws-s3 --name [BACKEND_NAME] --access-key-id [new-accessKeyID] --secret-access-key [new-secretAccessKey] --region [new-region]
            cas cas-backend update aws-s3 --name [BACKEND_NAME] --default=true
            """);

        await UploadAndDownloadAsync("backend");
    }

    /// <summary>AWS itself, whose address leads to Ceph here. It is reached on port 443, which not every user may open.</summary>
    [Fact]
    public async Task S3_at_Amazon()
    {
        await using var proxy = await FaultProxy.StartAsync(_ceph.Address);
        await using var amazon = await StartAmazonAsync(proxy);
        await RunAsync(
            """
            cas cas-backend add aws-s3 \
                --name [BACKEND_NAME] \
                --access-key-id [accessKeyID] \
                --secret-access-key [secretAccessKey] \
                --region [region] \
                --bucket [bucketName]

            cas cas-backend update aws-s3 --name [BACKEND_NAME] --access-key-id [new-accessKeyID] --secret-access-key [new-secretAccessKey] --region [new-region]
            cas cas-backend update aws-s3 --name [BACKEND_NAME] --default=true
            """);

        await UploadAndDownloadAsync("backend");
    }

    [Fact]
    public async Task Azure_blob_storage()
    {
        await RunAsync(
            """
            cas cas-backend add azure-blob \
                --name [BACKEND_NAME] \
                --client-id [servicePrincipalID] \
                --client-secret [servicePrincipalSecret] \
                --tenant [Active directory tenant] \
                --storage-account [Storage Account name] \
                --container [optional Storage account container] \
                --endpoint [optional custom endpoint suffix, e.g., blob.core.usgovcloudapi.net]

            cas cas-backend update azure-blob --name [BACKEND_NAME] --client-id [new-clientID] --client-secret [new secret] --tenant [updated tenant]
            cas cas-backend update azure-blob --name [BACKEND_NAME] --default=true
            """);

        await UploadAndDownloadAsync("backend");
    }

    private async Task RunAsync(string commands)
    {
        var bucket = commands.Contains("[bucketName]", StringComparison.Ordinal) ? await _ceph.CreateBucketAsync(Cancellation) : "";
        var repository = _registry.Address.Authority + "/" + _tenant.Name;
        foreach (var (place, value) in new[]
        {
            ("[cas-backend-name]", "backend"),
            ("[BACKEND_NAME]", "backend"),
            ("[region]-docker.pkg.dev/[my-project]/[my-repository]", repository + "/gar"),
            ("[registry-name].azurecr.io/[my-repository]", repository + "/acr"),
            ("ghcr.io/[username or org]/[my-repository]", repository + "/ghcr"),
            ("index.docker.io/[username]", repository + "/hub"),
            ("[token-name]", "token"), ("[token-password]", "password-1"),
            ("[username]", "user"), ("[personal access token]", "password-2"),
            ("[NEW_USERNAME]", "new-user"), ("[NEW_PASSWORD]", "password-3"),
            ("[accessKeyID]", _ceph.AccessKey), ("[secretAccessKey]", _ceph.SecretKey),
            ("[new-accessKeyID]", _ceph.AccessKey), ("[new-secretAccessKey]", _ceph.SecretKey),
            ("[region]", Region), ("[new-region]", Region), ("[bucketName]", bucket), ("[endpoint]", _ceph.Address.ToString()),
            ("[servicePrincipalID]", _azure.Entra.ClientId), ("[servicePrincipalSecret]", _azure.Entra.ClientSecret),
            ("[Active directory tenant]", _azure.Entra.TenantId), ("[updated tenant]", _azure.Entra.TenantId),
            ("[new-clientID]", _azure.Entra.ClientId), ("[new secret]", _azure.Entra.ClientSecret),
            ("[Storage Account name]", Azurite.AccountName), ("[optional Storage account container]", _tenant.Name),
            ("[optional custom endpoint suffix, e.g., blob.core.usgovcloudapi.net]", CloudSuffix),
        })
        {
            commands = commands.Replace(place, value, StringComparison.Ordinal);
        }

        var run = (await _cas.ShellAsync(commands)).Expect(0);

        Assert.DoesNotContain("password-", run.Text + run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(_ceph.SecretKey, run.Text + run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(_azure.Entra.ClientSecret, run.Text + run.Errors, StringComparison.Ordinal);
    }

    private async Task UploadAndDownloadAsync(string backend)
    {
        var digest = Sha256Digest.Of(_content);
        _cas.Write("myfile", _content);

        var run = (await _cas.ShellAsync(
            $"""
            cas cas-backend ls
            cas artifact upload -f myfile
            mkdir tmp && cd tmp
            cas artifact download -d {digest}
            """)).Expect(0);

        Assert.Contains("MaxSize: 500K", run.Text, StringComparison.Ordinal);
        Assert.Contains($"myfile@{digest} ... done! [1.03KB in ", run.Text, StringComparison.Ordinal);
        Assert.Contains($"INF downloading file name=myfile to={_cas.Folder}/tmp/myfile", run.Errors, StringComparison.Ordinal);
        Assert.Contains($"INF file downloaded! path={_cas.Folder}/tmp/myfile", run.Errors, StringComparison.Ordinal);
        Assert.Equal(_content, await File.ReadAllBytesAsync(Path.Combine(_cas.Folder, "tmp", "myfile"), Cancellation));
        var descriptor = (await _tenant.GetAsync($"/v1/artifacts/{digest}/descriptor")).Expect(HttpStatusCode.OK).Json;
        Assert.Equal(backend, descriptor.GetProperty("annotations").GetProperty("casfunctions.backend").GetString());
    }

    private async Task<(string? Default, string? Fallback)> SelectionAsync()
    {
        var backends = (await _tenant.GetAsync("/v1/backends")).Json.GetProperty("backends").EnumerateArray().ToList();
        return (
            backends.SingleOrDefault(backend => backend.GetProperty("default").GetBoolean()).GetProperty("name").GetString(),
            backends.SingleOrDefault(backend => backend.GetProperty("fallback").GetBoolean()).GetProperty("name").GetString());
    }

    private async Task<LoopbackServer> StartAmazonAsync(FaultProxy proxy)
    {
        try
        {
            return await LoopbackServer.StartAsync(
                _awsCertificate,
                async context =>
                {
                    using var answer = await proxy.ForwardAsync(context, context.Request.Body, context.RequestAborted);
                    FaultProxy.CopyHead(answer, context.Response);
                    await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
                },
                port: 443);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            throw Prerequisite.Missing($"port 443 of the loopback address can't be used: {failure.Message}");
        }
    }
}
