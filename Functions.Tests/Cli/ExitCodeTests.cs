using System.Security.Cryptography;
using CasFunctions.Digests;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary>The numbers that scripts rely on, and that each failure says what to do.</summary>
public sealed class ExitCodeTests(TestServices services, RunningService running)
{
    private static readonly Sha256Digest Unknown = Sha256Digest.Of("nobody uploaded this"u8);

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("backend", "add", "oci", "--name", "x")]
    [InlineData("backend", "add", "oci", "--name", "x", "--repo", "r", "--password", "secret-1")]
    [InlineData("backend", "update", "oci", "--name", "x")]
    [InlineData("backend", "update", "oci", "--name", "x", "--max-bytes", "lots")]
    [InlineData("artifact", "download", "-d", "sha256:123")]
    [InlineData("artifact", "upload", "-f", "-")]
    [InlineData("artifact", "ls", "-o", "xml")]
    [InlineData("token", "create", "x", "--role", "viewer", "--expires-in", "soon")]
    [InlineData("trust", "add", "--issuer", "https://issuer.example", "--role", "viewer", "--claim", "novalue")]
    [InlineData("attest")]
    public async Task Usage_is_2(params string[] arguments)
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram(tenant);

        var run = (await cas.RunAsync(arguments)).Expect(2);

        Assert.NotEmpty(run.Errors);
        Assert.DoesNotContain("secret-1", run.Errors + run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_service_it_is_2_and_tells_how_to_log_in()
    {
        using var cas = new CasProgram();

        Assert.Contains("cas login", (await cas.RunAsync("backend", "ls")).Expect(2).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_authorized_is_3()
    {
        var tenant = await running.NewTenantAsync(services);
        using var nobody = new CasProgram(tenant.Address);
        using var stranger = new CasProgram(tenant.Address, "cas_000000000000000000000000000000000000");
        using var viewer = new CasProgram(tenant.Address, await tenant.NewTokenAsync("viewer"));

        Assert.Contains("CAS_TOKEN", (await nobody.RunAsync("backend", "ls")).Expect(3).Errors, StringComparison.Ordinal);
        Assert.Contains("cas login", (await stranger.RunAsync("backend", "ls")).Expect(3).Errors, StringComparison.Ordinal);
        Assert.Contains("owner", (await viewer.RunAsync("token", "ls")).Expect(3).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_found_is_4()
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram(tenant);

        (await cas.RunAsync("artifact", "download", "-d", Unknown.ToString())).Expect(4);
        (await cas.RunAsync("artifact", "describe", "-d", Unknown.ToString())).Expect(4);
        (await cas.RunAsync("backend", "show", "--name", "nothing")).Expect(4);
        (await cas.RunAsync("token", "revoke", "nothing")).Expect(4);
        (await cas.RunAsync("artifact", "upload", "-f", "no-such-file")).Expect(4);
        (await cas.RunAsync("artifact", "upload", "-f", "*.none")).Expect(4);
        Assert.Empty(cas.Files());
    }

    [Fact]
    public async Task A_backend_that_does_not_work_is_6()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        using var cas = new CasProgram(tenant);
        cas["CAS_CONNECTION_STRING"] = proxy.Through((await services.AzuriteAsync()).ConnectionString);
        var connection = cas.Write("connection", System.Text.Encoding.UTF8.GetBytes(proxy.Through((await services.AzuriteAsync()).ConnectionString)));
        (await cas.RunAsync("backend", "add", "azure-blob", "--name", "azure", "--container", tenant.Container.Name, "--connection-string-file", connection, "--default")).Expect(0);
        cas.Write("file", RandomNumberGenerator.GetBytes(1000));
        proxy.Break(_ => true, Fault.Cut);

        (await cas.RunAsync("artifact", "upload", "-f", "file", "--retry-for", "0s")).Expect(6);
        (await cas.RunAsync("backend", "add", "azure-blob", "--name", "other", "--container", tenant.Container.Name, "--connection-string-file", connection)).Expect(6);
    }

    [Fact]
    public async Task A_service_that_can_not_be_reached_is_7()
    {
        using var cas = new CasProgram(new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}"), "cas_000000000000000000000000000000000000");
        cas.Write("file", RandomNumberGenerator.GetBytes(1000));

        (await cas.RunAsync("backend", "ls")).Expect(7);
        (await cas.RunAsync("artifact", "upload", "-f", "file", "--retry-for", "0s")).Expect(7);
    }
}
