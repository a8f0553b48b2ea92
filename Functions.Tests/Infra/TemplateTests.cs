using System.Text.Json.Nodes;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Infra;

/// <summary>What infra.bicep makes: who may do what, what stays closed, and what Flex Consumption demands.</summary>
public sealed class TemplateTests
{
    [Theory]
    [InlineData("build", "infra.bicep")]
    [InlineData("lint", "infra.bicep")]
    [InlineData("build-params", "infra.bicepparam")]
    public async Task The_compiler_and_its_rules_have_nothing_to_say(string command, string file)
    {
        // The compiler ends with 0 on warnings, such as a property that a resource does not have.
        var result = await Bicep.RunAsync([command, file, .. command == "lint" ? Array.Empty<string>() : ["--stdout"]]);

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
    }

    [Fact]
    public async Task The_app_has_these_rights_and_each_on_one_resource_only()
    {
        var deployment = await Deployment.PredictAsync(Deployment.Everything);
        var storage = (string)deployment.Only("Microsoft.Storage/storageAccounts")["id"]!;
        var vault = (string)deployment.Only("Microsoft.KeyVault/vaults")["id"]!;
        var insights = (string)deployment.Only("Microsoft.Insights/components")["id"]!;
        var identity = (string)deployment.Only("Microsoft.ManagedIdentity/userAssignedIdentities")["id"]!;

        var roles = deployment.OfType("Microsoft.Authorization/roleAssignments").ToList();

        Assert.Equal(
            new[]
            {
                (storage, "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"),
                (storage, "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"),
                (vault, "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"),
                (insights, "3913510d-42f4-4e42-8a64-420c390055eb"),
            }.Order(),
            roles.Select(role => (ScopeOf(role), ((string)role["properties"]!["roleDefinitionId"]!).Split('/')[^1])).Order());
        Assert.All(roles, role => Assert.Contains(identity, (string)role["properties"]!["principalId"]!, StringComparison.Ordinal));
        Assert.All(roles, role => Assert.Equal("ServicePrincipal", (string)role["properties"]!["principalType"]!));
        Assert.Equal([identity], deployment.App["identity"]!["userAssignedIdentities"]!.AsObject().Select(member => member.Key));

        static string ScopeOf(JsonNode role) => ((string)role["id"]!).Split("/providers/Microsoft.Authorization/")[0];
    }

    [Fact]
    public async Task Nothing_can_be_reached_with_a_key_or_without_tls()
    {
        var deployment = await Deployment.PredictAsync(Deployment.Everything);

        Holds(
            deployment.Only("Microsoft.Storage/storageAccounts"),
            ("allowSharedKeyAccess", false),
            ("allowBlobPublicAccess", false),
            ("supportsHttpsTrafficOnly", true),
            ("minimumTlsVersion", "TLS1_2"));
        Holds(
            deployment.Only("Microsoft.KeyVault/vaults"),
            ("enableRbacAuthorization", true), ("enableSoftDelete", true), ("enablePurgeProtection", true));
        Holds(deployment.Only("Microsoft.Insights/components"), ("DisableLocalAuth", true));
        Holds(deployment.App, ("httpsOnly", true));
        Assert.Equal("1.2", (string)deployment.App["properties"]!["siteConfig"]!["minTlsVersion"]!);
        var passwords = deployment.OfType("Microsoft.Web/sites/basicPublishingCredentialsPolicies").ToList();
        Assert.Equal(["ftp", "scm"], passwords.Select(policy => ((string)policy["id"]!).Split('/')[^1]).Order());
        Assert.All(passwords, policy => Holds(policy, ("allow", false)));

        var template = await Bicep.RunAsync("build", Bicep.Template, "--stdout");
        foreach (var key in new[] { "listKeys", "listAccountSas", "AccountKey=", "SharedAccess" })
        {
            Assert.DoesNotContain(key, template.Output, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Storage_and_vault_are_public_or_reached_by_private_endpoints(bool isPrivate)
    {
        var deployment = await Deployment.PredictAsync($"param privateNetwork = {(isPrivate ? "true" : "false")}");
        var access = isPrivate ? "Disabled" : "Enabled";

        Holds(deployment.Only("Microsoft.Storage/storageAccounts"), ("publicNetworkAccess", access));
        Holds(deployment.Only("Microsoft.KeyVault/vaults"), ("publicNetworkAccess", access));
        Assert.Equal(
            isPrivate ? ["blob", "table", "vault"] : [],
            deployment.OfType("Microsoft.Network/privateEndpoints")
                .Select(endpoint => endpoint["properties"]!["privateLinkServiceConnections"]![0]!["properties"]!)
                .Select(connection => (string)connection["groupIds"]![0]!)
                .Order());
        Assert.Equal(isPrivate, deployment.App["properties"]!["virtualNetworkSubnetId"] is not null);
    }

    [Fact]
    public async Task The_plan_is_Flex_Consumption_and_gets_no_setting_that_it_refuses()
    {
        var deployment = await Deployment.PredictAsync(Deployment.Everything);
        var app = deployment.App["properties"]!;

        Assert.Equal("FC1", (string)deployment.Only("Microsoft.Web/serverfarms")["sku"]!["name"]!);
        var config = app["functionAppConfig"]!;
        Assert.Equal("dotnet-isolated", (string)config["runtime"]!["name"]!);
        Assert.Equal("10.0", (string)config["runtime"]!["version"]!);
        Assert.Equal("UserAssignedIdentity", (string)config["deployment"]!["storage"]!["authentication"]!["type"]!);
        string[] refused =
        [
            "FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_WORKER_RUNTIME_VERSION", "FUNCTIONS_MAX_HTTP_CONCURRENCY",
            "FUNCTIONS_WORKER_PROCESS_COUNT", "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED", "WEBSITE_RUN_FROM_PACKAGE",
            "WEBSITE_CONTENTSHARE", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_CONTENTOVERVNET", "WEBSITE_VNET_ROUTE_ALL",
            "WEBSITE_SKIP_CONTENTSHARE_VALIDATION", "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT", "ENABLE_ORYX_BUILD",
            "SCM_DO_BUILD_DURING_DEPLOYMENT", "WEBSITE_NODE_DEFAULT_VERSION", "AzureWebJobsStorage", "AzureWebJobsDashboard",
        ];
        Assert.Empty(deployment.Settings.Keys.Intersect(refused, StringComparer.OrdinalIgnoreCase));
        string[] properties =
        [
            "linuxFxVersion", "windowsFxVersion", "netFrameworkVersion", "functionAppScaleLimit", "minimumElasticInstanceCount",
            "preWarmedInstanceCount", "alwaysOn", "use32BitWorkerProcess", "containerSize", "isReserved", "vnetRouteAllEnabled",
        ];
        var given = app["siteConfig"]!.AsObject().Concat(app.AsObject()).Select(member => member.Key);
        Assert.Empty(given.Intersect(properties, StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(512, 3, 128)]
    [InlineData(2048, 12, 512)]
    [InlineData(4096, 25, 1024)]
    public async Task An_instance_serves_as_many_requests_as_its_upload_memory_has_room_for(int memory, int concurrency, int budget)
    {
        var deployment = await Deployment.PredictAsync($"param instanceMemoryMB = {memory}");

        var scale = deployment.App["properties"]!["functionAppConfig"]!["scaleAndConcurrency"]!;
        Assert.Equal(concurrency, (int)scale["triggers"]!["http"]!["perInstanceConcurrency"]!);
        Assert.Equal($"{budget * 1024L * 1024}", deployment.Settings["Cas__Uploads__MemoryBudget"]);

        using var folder = new TemporaryFolder();
        var refused = await Deployment.TryPredictAsync(
            folder, $"param instanceMemoryMB = {memory}", $"param perInstanceConcurrency = {concurrency + 1}");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("perInstanceConcurrency is more than the instance memory serves", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_keys_in_the_parameters_those_in_the_vault_stay()
    {
        Assert.Empty((await Deployment.PredictAsync()).OfType("Microsoft.KeyVault/vaults/secrets"));
        Assert.Equal(
            ["operator-root-key", "operator-sendgrid-key"],
            (await Deployment.PredictAsync(Deployment.Everything)).OfType("Microsoft.KeyVault/vaults/secrets")
                .Select(secret => ((string)secret["id"]!).Split('/')[^1]).Order());
    }

    private static void Holds(JsonNode resource, params (string Property, JsonNode Value)[] expected) =>
        Assert.All(expected, pair => Assert.Equal(pair.Value.ToJsonString(), resource["properties"]![pair.Property]?.ToJsonString()));
}
