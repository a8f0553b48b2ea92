using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CasFunctions.Secrets;

/// <summary>Registers the secret store.</summary>
public static class SecretsRegistration
{
    // Set by App Service and Functions on every instance.
    private static readonly string[] AzureVariables = ["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"];

    /// <summary>
    /// Adds the <see cref="ISecretStore"/> that section <c>Cas:Secrets</c> chooses, and <see cref="CachedSecrets"/>. The app does not
    /// start unless exactly one store is chosen, and not with the local one in Azure, where instances share no disk.
    /// </summary>
    public static IHostApplicationBuilder AddSecrets(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<SecretsOptions>().BindConfiguration(SecretsOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<SecretsOptions>, Validator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(Create);
        builder.Services.AddSingleton<CachedSecrets>();
        return builder;
    }

    private static ISecretStore Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<SecretsOptions>>().Value;
        return options.KeyVaultUri is { } vault
            ? CreateForKeyVault(vault, options.ManagedIdentityClientId, services.GetRequiredService<TimeProvider>())
            : new LocalSecretStore(options.LocalPath!);
    }

    /// <summary>Apart, so that the libraries of Key Vault and of identities are loaded only where they are used.</summary>
    private static KeyVaultSecretStore CreateForKeyVault(Uri vault, string? managedIdentityClientId, TimeProvider time)
    {
        var credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = managedIdentityClientId });
        return new KeyVaultSecretStore(new SecretClient(vault, credential, KeyVaultSecretStore.ClientOptions()), time);
    }

    private sealed class Validator(IConfiguration configuration) : IValidateOptions<SecretsOptions>
    {
        public ValidateOptionsResult Validate(string? name, SecretsOptions options)
        {
            var local = !string.IsNullOrWhiteSpace(options.LocalPath);
            if (local == (options.KeyVaultUri is not null))
            {
                return Fail(local
                    ? $"set either {nameof(options.KeyVaultUri)} or {nameof(options.LocalPath)}, not both."
                    : $"set {nameof(options.KeyVaultUri)}, or {nameof(options.LocalPath)} on one machine outside of Azure.");
            }

            if (options.KeyVaultUri is { } vault
                && !(vault.IsAbsoluteUri && string.Equals(vault.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal)))
            {
                return Fail($"{nameof(options.KeyVaultUri)} must be an https address such as https://my-vault.vault.azure.net/.");
            }

            return local && Array.Exists(AzureVariables, variable => !string.IsNullOrEmpty(configuration[variable]))
                ? Fail($"{nameof(options.LocalPath)} can't be used in Azure (instances share no disk); set {nameof(options.KeyVaultUri)}.")
                : ValidateOptionsResult.Success;
        }

        private static ValidateOptionsResult Fail(string message) => ValidateOptionsResult.Fail($"{SecretsOptions.Section}: {message}");
    }
}
