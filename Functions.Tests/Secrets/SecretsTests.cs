using System.Text.RegularExpressions;
using CasFunctions.Secrets;
using CasFunctions.Tests.Fakes;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Secrets;

/// <summary>Names, the cache, and the choice of a store at the start.</summary>
public sealed partial class SecretsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Names_say_whose_they_are_and_differ_each_time()
    {
        var name = SecretName.Create("acme", "primary");

        Assert.StartsWith("cas-acme-primary-", name, StringComparison.Ordinal);
        Assert.NotEqual(name, SecretName.Create("acme", "primary"), StringComparer.Ordinal);
        Assert.Matches(KeyVaultName(), SecretName.Create(new string('a', 63), new string('b', 63)));
        Assert.Matches(KeyVaultName(), SecretName.Create("dots.and_more", "ünicode/../x"));
    }

    [Fact]
    public async Task Secrets_are_read_once_until_they_are_forgotten()
    {
        await using var vault = await FakeKeyVault.StartAsync();
        var store = vault.Store();
        var version = await store.WriteAsync("name", "hunter2", Cancellation);
        using var secrets = new CachedSecrets(store);

        Assert.Equal("hunter2", await secrets.ReadAsync("name", version, Cancellation));
        Assert.Equal("hunter2", await secrets.ReadAsync("name", version, Cancellation));
        Assert.Equal(1, Reads());
        secrets.Forget("name", version);
        await secrets.ReadAsync("name", version, Cancellation);
        Assert.Equal(2, Reads());
        await store.DisableAsync("name", version, Cancellation);
        secrets.Forget("name", version);
        await Assert.ThrowsAsync<SecretStoreException>(() => secrets.ReadAsync("name", version, Cancellation));

        int Reads() => vault.Requests.Count(request => request.StartsWith("GET /secrets/name/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("set KeyVaultUri")]
    [InlineData("not both", "Cas:Secrets:KeyVaultUri=https://v.vault.azure.net/", "Cas:Secrets:LocalPath=secrets")]
    [InlineData("https address", "Cas:Secrets:KeyVaultUri=http://v.vault.azure.net/")]
    [InlineData("can't be used in Azure", "Cas:Secrets:LocalPath=secrets", "WEBSITE_INSTANCE_ID=1")]
    [InlineData("can't be used in Azure", "Cas:Secrets:LocalPath=secrets", "WEBSITE_SITE_NAME=app")]
    public async Task The_app_does_not_start_without_one_usable_store(string reason, params string[] settings)
    {
        using var host = Build(settings);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_choose_the_store()
    {
        using var folder = new TemporaryFolder();
        using var local = Build($"Cas:Secrets:LocalPath={folder.FullPath}");
        using var vault = Build("Cas:Secrets:KeyVaultUri=https://v.vault.azure.net/", "WEBSITE_INSTANCE_ID=1");

        await local.StartAsync(Cancellation);
        await vault.StartAsync(Cancellation);

        Assert.IsType<LocalSecretStore>(local.Services.GetRequiredService<ISecretStore>());
        Assert.IsType<KeyVaultSecretStore>(vault.Services.GetRequiredService<ISecretStore>());
    }

    private static IHost Build(params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var setting in settings)
        {
            var parts = setting.Split('=', 2);
            builder.Configuration[parts[0]] = parts[1];
        }

        builder.AddSecrets();
        return builder.Build();
    }

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}$", RegexOptions.NonBacktracking)]
    private static partial Regex KeyVaultName();
}
