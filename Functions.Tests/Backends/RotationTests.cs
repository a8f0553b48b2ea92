using System.Net;
using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Secrets;
using CasFunctions.Tests.Fakes;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Backends;

public sealed class RotationTests(TestServices services)
{
    private const int Rotations = 4;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_on_two_instances_outlive_the_rotation_of_S3_keys()
    {
        var ceph = await services.CephS3Async();
        var bucket = await ceph.CreateBucketAsync(Cancellation);
        var keys = await ceph.CreateKeyAsync();
        await RotateUnderLoadAsync(
            ceph.Address.Port,
            new
            {
                name = "store",
                provider = "aws-s3",
                maxBytes = 1L << 30,
                @default = true,
                settings = new { bucket, endpoint = ceph.Address },
                credentials = new { accessKeyId = keys.AccessKey, secretAccessKey = keys.SecretKey, region = CephS3.Region },
            },
            async () =>
            {
                var former = keys;
                keys = await ceph.CreateKeyAsync();
                return (new { accessKeyId = keys.AccessKey, secretAccessKey = keys.SecretKey, region = CephS3.Region }, () => ceph.RemoveKeyAsync(former.AccessKey));
            });
    }

    [Fact]
    public async Task Uploads_on_two_instances_outlive_the_rotation_of_a_registrys_user()
    {
        await using var registry = await OciRegistry.StartAsync(RegistryAccess.Basic);
        var user = (Name: OciRegistry.UserName, registry.Password);
        await RotateUnderLoadAsync(
            registry.Address.Port,
            new
            {
                name = "store",
                provider = "oci",
                maxBytes = 1L << 30,
                @default = true,
                settings = new { repository = $"{registry.Address.Authority}/evidence" },
                credentials = new { username = user.Name, password = user.Password },
            },
            async () =>
            {
                var former = user;
                user = ("u" + Guid.NewGuid().ToString("n"), Guid.NewGuid().ToString("n"));
                await registry.SetUsersAsync(former, user);
                return (new { username = user.Name, password = user.Password }, () => registry.SetUsersAsync(user));
            });
    }

    [Fact]
    public async Task New_credentials_that_fail_leave_no_trace_and_old_ones_are_disabled_after_the_change()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        await using var service = await CasService.StartAsync(
            services, configure: builder => builder.Services.AddSingleton<ISecretStore>(vault.Store()));
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var wrong = service.Azurite.ConnectionString.Replace(Azurite.AccountKey, Convert.ToBase64String(new byte[64]), StringComparison.Ordinal);

        (await tenant.PatchAsync("/v1/backends/azure", new { credentials = new { connectionString = wrong }, description = "changed" }))
            .ExpectProblem(HttpStatusCode.UnprocessableEntity, "backend-check-failed");

        var secret = Assert.Single(vault.Names);
        Assert.Single(await vault.Client().GetPropertiesOfSecretVersionsAsync(secret, Cancellation).ToListAsync(Cancellation));
        Assert.Equal("", (await tenant.GetAsync("/v1/backends/azure"))["description"]);
        (await tenant.PutArtifactAsync([1])).Expect(HttpStatusCode.Created);

        vault.Throttle(2);
        (await tenant.PatchAsync("/v1/backends/azure", new { credentials = new { connectionString = service.Azurite.ConnectionString } })).Expect(HttpStatusCode.OK);

        var versions = await vault.Client().GetPropertiesOfSecretVersionsAsync(secret, Cancellation).ToListAsync(Cancellation);
        Assert.Equal([false, true], versions.Select(version => version.Enabled == true).Order());
        (await tenant.PutArtifactAsync([2])).Expect(HttpStatusCode.Created);
    }

    /// <summary>Uploads without a pause through two instances while credentials change and the old ones stop working at once.</summary>
    private async Task RotateUnderLoadAsync(int port, object backend, Func<Task<(object Credentials, Func<Task> RevokeFormer)>> next)
    {
        await using var vault = await FakeKeyVault.StartAsync();
        await using var first = await CasService.StartAsync(services, [port], configure: UseVault);
        await using var second = await CasService.StartAsync(services, [port], configure: UseVault, tablePrefix: first.TablePrefix);
        var tenant = await first.NewTenantAsync();
        (await tenant.PostAsync("/v1/backends", backend)).Expect(HttpStatusCode.Created);
        using var done = new CancellationTokenSource();
        var uploading = new[] { (tenant, 1 << 20), (tenant, 40 << 20), (tenant.At(second.Address), 1 << 20), (tenant.At(second.Address), 40 << 20) }
            .Select(worker => Task.Run(() => UploadAsync(worker.Item1, worker.Item2, done.Token), Cancellation))
            .ToList();

        for (var i = 0; i < Rotations; i++)
        {
            var (credentials, revokeFormer) = await next();
            (await tenant.PatchAsync("/v1/backends/store", new { credentials })).Expect(HttpStatusCode.OK);
            await revokeFormer();
            await NextUploadsAsync();
        }

        await done.CancelAsync();
        var counts = await Task.WhenAll(uploading);
        Assert.All(counts, count => Assert.True(count > 0, "A worker stored nothing."));

        void UseVault(Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder builder) =>
            builder.Services.AddSingleton<ISecretStore>(vault.Store());

        async Task NextUploadsAsync()
        {
            foreach (var instance in new[] { tenant, tenant.At(second.Address) })
            {
                (await instance.PutArtifactAsync(RandomNumberGenerator.GetBytes(20 << 20))).Expect(HttpStatusCode.Created);
            }
        }
    }

    private static async Task<int> UploadAsync(Tenant tenant, int size, CancellationToken done)
    {
        var count = 0;
        while (!done.IsCancellationRequested)
        {
            var content = RandomNumberGenerator.GetBytes(size);
            var session = await tenant.NewUploadAsync(Sha256Digest.Of(content), size);
            (await tenant.PutAsync(session, content)).Expect(HttpStatusCode.Created);
            count++;
        }

        return count;
    }
}
