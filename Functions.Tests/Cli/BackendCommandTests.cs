using System.Net;
using System.Security.Cryptography;
using System.Text;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Cli;

/// <summary><c>cas backend</c>, beyond the sequence of <see cref="SeedCommandsTests"/>.</summary>
public sealed class BackendCommandTests(TestServices services, RunningService running)
{
    [Fact]
    public async Task The_table_has_the_columns_of_the_seed_with_name_and_status()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        using var cas = new CasProgram(tenant);

        var lines = (await cas.RunAsync("backend", "ls")).Expect(0).Text.Split('\n');
        var full = (await cas.RunAsync("cas-backend", "ls", "--full")).Expect(0).Text;

        Assert.Equal(["NAME", "LOCATION", "PROVIDER", "DESCRIPTION", "LIMITS", "DEFAULT", "FALLBACK", "STATUS"], Cells(lines[1]));
        Assert.Equal(
            ["azure", tenant.Container.Uri.ToString(), "AZURE-BLOB", "", "MaxSize: 64G", "true", "false", "healthy"], Cells(lines[3]));
        Assert.Equal(["inline", "", "INLINE", "Embeds the content in the attestation", "MaxSize: 500K", "false", "false", "healthy"], Cells(lines[4]));
        Assert.Contains("CREATED", full, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', full);
    }

    [Fact]
    public async Task Secrets_come_from_files_standard_input_and_the_environment_and_never_show()
    {
        var registry = await services.OciRegistryAsync(RegistryAccess.Basic);
        await using var service = await CasService.StartAsync(services, ports: [registry.Address.Port]);
        var tenant = await service.NewTenantAsync();
        using var cas = new CasProgram(tenant);
        var password = Encoding.UTF8.GetBytes(registry.Password + "\n");
        cas.Write("password", password);
        var runs = new List<CasRun>();
        async Task AddAsync(string name, byte[]? input, params string[] how) => runs.Add((await cas.RunAsync(
            input, ["backend", "add", "oci", "--name", name, "--repo", $"{registry.Address.Authority}/{name}", "-u", OciRegistry.UserName, .. how])).Expect(0));

        await AddAsync("plain", null, "-p", registry.Password);
        await AddAsync("file", null, "--password-file", "password");
        await AddAsync("stdin", password, "--password-stdin", "-o", "json");
        cas["CAS_PASSWORD"] = registry.Password;
        await AddAsync("environment", null);
        runs.Add((await cas.RunAsync("backend", "ls", "--full", "-o", "json")).Expect(0));
        cas["CAS_PASSWORD"] = "wrong-password-1";
        runs.Add((await cas.RunAsync("backend", "add", "oci", "--name", "wrong", "--repo", $"{registry.Address.Authority}/wrong", "-u", OciRegistry.UserName)).Expect(6));

        Assert.All(runs, run => Assert.DoesNotContain(registry.Password, run.Text + run.Errors, StringComparison.Ordinal));
        Assert.All(runs, run => Assert.DoesNotContain("wrong-password-1", run.Text + run.Errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_that_is_nowhere_is_not_waited_for()
    {
        var tenant = await running.NewTenantAsync(services);
        using var cas = new CasProgram(tenant);

        var run = (await cas.RunAsync("backend", "add", "aws-s3", "--name", "s3", "--bucket", "evidence", "--access-key-id", "AKIA")).Expect(2);

        Assert.Contains("--secret-access-key-file", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y\n", 0, "second")]
    [InlineData("n\n", 2, "azure")]
    [InlineData("\n", 2, "azure")]
    public async Task On_a_terminal_a_change_of_the_default_is_asked_about(string answer, int exitCode, string expected)
    {
        var (tenant, cas) = await TwoBackendsAsync();
        using (cas)
        {
            var run = (await cas.OnTerminalAsync(answer, "cas backend update azure-blob --name second --default=true")).Expect(exitCode);

            Assert.Contains("'azure' now. Make 'second' the default instead? [y/N]", run.Text, StringComparison.Ordinal);
            Assert.Equal(expected, await DefaultAsync(tenant));
        }
    }

    [Fact]
    public async Task With_yes_or_without_a_terminal_nothing_is_asked()
    {
        var (tenant, cas) = await TwoBackendsAsync();
        using (cas)
        {
            (await cas.OnTerminalAsync("", "cas backend update azure-blob --name second --default=true --yes")).Expect(0);
            Assert.Equal("second", await DefaultAsync(tenant));
            (await cas.RunAsync("backend", "update", "azure-blob", "--name", "azure", "--default")).Expect(0);
            Assert.Equal("azure", await DefaultAsync(tenant));
        }
    }

    [Fact]
    public async Task Descriptions_and_limits_change_and_others_stay()
    {
        var (tenant, cas) = await TwoBackendsAsync();
        using (cas)
        {
            (await cas.RunAsync("backend", "update", "azure-blob", "--name", "second", "--description", "the second", "--max-bytes", "100M")).Expect(0);
            var changed = (await cas.RunAsync("backend", "update", "azure-blob", "--name", "second", "--fallback=true", "-o", "json")).Expect(0);

            var backend = (await tenant.GetAsync("/v1/backends/second")).Expect(HttpStatusCode.OK);
            Assert.Equal(Encoding.UTF8.GetString(backend.Body) + "\n", changed.Text);
            Assert.Equal("the second", backend["description"]);
            Assert.Equal(100L << 20, backend.Json.GetProperty("maxBytes").GetInt64());
            Assert.True(backend.Json.GetProperty("fallback").GetBoolean());
            Assert.Contains("aws-s3", (await cas.RunAsync("backend", "update", "aws-s3", "--name", "second", "--default")).Expect(2).Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Swap_exchanges_default_and_fallback()
    {
        var (tenant, cas) = await TwoBackendsAsync();
        using (cas)
        {
            (await cas.RunAsync("backend", "update", "azure-blob", "--name", "second", "--fallback")).Expect(0);
            (await cas.RunAsync("backend", "update", "azure-blob", "--name", "second", "--default", "--swap")).Expect(0);

            Assert.Equal("second", await DefaultAsync(tenant));
            Assert.True((await tenant.GetAsync("/v1/backends/azure")).Json.GetProperty("fallback").GetBoolean());
        }
    }

    [Fact]
    public async Task Validation_ends_with_0_or_6()
    {
        await using var proxy = await FaultProxy.StartAsync((await services.AzuriteAsync()).BlobEndpoint);
        await using var service = await CasService.StartAsync(services, ports: [proxy.Address.Port]);
        var tenant = await service.NewTenantAsync();
        using var cas = new CasProgram(tenant);
        await AddAsync(cas, "azure", proxy.Through((await services.AzuriteAsync()).ConnectionString), tenant.Container.Name);

        Assert.Contains("healthy", (await cas.RunAsync("backend", "validate", "--name", "azure")).Expect(0).Text, StringComparison.Ordinal);
        proxy.Break(_ => true, Fault.Answer(403));
        (await cas.RunAsync("backend", "validate", "--name", "azure")).Expect(6);
    }

    [Fact]
    public async Task A_backend_with_artifacts_is_archived_and_a_default_is_deleted_only_when_that_is_meant()
    {
        var (tenant, cas) = await TwoBackendsAsync();
        using (cas)
        {
            cas.Write("file", RandomNumberGenerator.GetBytes(1000));
            (await cas.RunAsync("artifact", "upload", "-f", "file")).Expect(0);

            Assert.Contains("--yes", (await cas.RunAsync("backend", "delete", "--name", "azure")).Expect(2).Errors, StringComparison.Ordinal);
            Assert.Contains("[y/N]", (await cas.OnTerminalAsync("n\n", "cas backend delete --name azure")).Expect(2).Text, StringComparison.Ordinal);
            (await cas.RunAsync("backend", "update", "azure-blob", "--name", "second", "--default")).Expect(0);
            Assert.Contains("azure: archived", (await cas.RunAsync("backend", "delete", "--name", "azure")).Expect(0).Text, StringComparison.Ordinal);
            Assert.Contains("archived", (await cas.RunAsync("backend", "ls")).Expect(0).Text, StringComparison.Ordinal);
            (await cas.RunAsync("backend", "delete", "--name", "azure", "--purge")).Expect(2);
            Assert.Contains("azure: deleted", (await cas.RunAsync("backend", "delete", "--name", "azure", "--purge", "--yes")).Expect(0).Text, StringComparison.Ordinal);
            (await tenant.GetAsync("/v1/backends/azure")).ExpectProblem(HttpStatusCode.NotFound, "not-found");
        }
    }

    private static string[] Cells(string line) => [.. line.Split('│')[1..^1].Select(cell => cell.Trim())];

    private static async Task<string?> DefaultAsync(Tenant tenant) => (await tenant.GetAsync("/v1/backends")).Json.GetProperty("backends").EnumerateArray()
        .Single(backend => backend.GetProperty("default").GetBoolean()).GetProperty("name").GetString();

    private static async Task AddAsync(CasProgram cas, string name, string connectionString, string container)
    {
        cas["CAS_CONNECTION_STRING"] = null;
        cas.Write("connection", Encoding.UTF8.GetBytes(connectionString));
        (await cas.RunAsync("backend", "add", "azure-blob", "--name", name, "--container", container, "--connection-string-file", "connection")).Expect(0);
    }

    private async Task<(Tenant Tenant, CasProgram Cas)> TwoBackendsAsync()
    {
        var tenant = await running.NewAzureTenantAsync(services);
        var cas = new CasProgram(tenant);
        await AddAsync(cas, "second", (await services.AzuriteAsync()).ConnectionString, tenant.Container.Name + "-2");
        return (tenant, cas);
    }
}
