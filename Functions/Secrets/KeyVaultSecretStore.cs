using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace CasFunctions.Secrets;

/// <summary>Keeps secrets in Azure Key Vault.</summary>
/// <param name="client">The vault, made with <see cref="ClientOptions"/>.</param>
/// <param name="timeProvider">Measures the time of a call.</param>
public sealed class KeyVaultSecretStore(SecretClient client, TimeProvider timeProvider) : ISecretStore
{
    /// <summary>
    /// All tries of one call together. The client waits as long as the vault's Retry-After says, which has no upper limit.
    /// </summary>
    public static readonly TimeSpan TotalBudget = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How the client repeats calls: with growing pauses, or those that the vault asks for when it throttles (4,000 calls in 10 s
    /// for each vault, then 429 with Retry-After).
    /// </summary>
    public static SecretClientOptions ClientOptions() => new()
    {
        Retry =
        {
            Mode = RetryMode.Exponential,
            MaxRetries = 5,
            Delay = TimeSpan.FromMilliseconds(500),
            MaxDelay = TimeSpan.FromSeconds(8),
            NetworkTimeout = TimeSpan.FromSeconds(10),
        },
    };

    /// <inheritdoc/>
    public Task<string> WriteAsync(string name, string value, CancellationToken cancellationToken) =>
        CallAsync(name, async limit =>
        {
            var secret = new KeyVaultSecret(name, value) { Properties = { ContentType = "application/json" } };
            KeyVaultSecret written = await client.SetSecretAsync(secret, limit);
            return written.Properties.Version;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<string> ReadAsync(string name, string version, CancellationToken cancellationToken) =>
        CallAsync(name, async limit =>
        {
            KeyVaultSecret secret = await client.GetSecretAsync(name, version, cancellationToken: limit);
            return secret.Value;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task DisableAsync(string name, string version, CancellationToken cancellationToken) =>
        IgnoreMissingAsync(CallAsync(name, limit =>
        {
            var id = new Uri(client.VaultUri, $"/secrets/{Uri.EscapeDataString(name)}/{Uri.EscapeDataString(version)}");
            return client.UpdateSecretPropertiesAsync(new SecretProperties(id) { Enabled = false }, limit);
        }, cancellationToken));

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        IgnoreMissingAsync(CallAsync(name, limit => client.StartDeleteSecretAsync(name, limit), cancellationToken));

    private async Task<T> CallAsync<T>(string name, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TotalBudget, timeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await call(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SecretStoreException(SecretStoreErrorKind.Unavailable, "Key Vault did not answer in time.", e);
        }
        catch (AuthenticationFailedException e)
        {
            throw new SecretStoreException(SecretStoreErrorKind.Unavailable, "The app's identity got no token for Key Vault.", e);
        }
        catch (RequestFailedException e)
        {
            throw Translate(name, e);
        }
        catch (AggregateException e)
        {
            // What the client throws when no try reached the vault.
            throw new SecretStoreException(SecretStoreErrorKind.Unavailable, "Key Vault can't be reached.", e);
        }
    }

    private static SecretStoreException Translate(string name, RequestFailedException e)
    {
        var (kind, message) = e.Status switch
        {
            0 => (SecretStoreErrorKind.Unavailable, "Key Vault can't be reached."),
            404 => (SecretStoreErrorKind.NotFound, $"Key Vault has no such version of {name}."),
            403 when IsDisabled(e) => (SecretStoreErrorKind.NotFound, $"This version of {name} is disabled in Key Vault."),
            401 or 403 => (SecretStoreErrorKind.Refused, "The app's identity lacks the role Key Vault Secrets Officer."),
            408 or 429 or >= 500 => (SecretStoreErrorKind.Unavailable, $"Key Vault can't serve now (status {e.Status})."),
            409 => (SecretStoreErrorKind.Refused, $"Key Vault can't use the name {name}: a secret with this name was deleted."),
            _ => (SecretStoreErrorKind.Refused, $"Key Vault refused the call for {name} (status {e.Status}, {e.ErrorCode})."),
        };
        return new SecretStoreException(kind, message, e);
    }

    // The code is in the inner error, which the client does not expose: {"error":{"innererror":{"code":"SecretDisabled"}}}.
    private static bool IsDisabled(RequestFailedException e) =>
        e.GetRawResponse()?.Content.ToString().Contains("\"SecretDisabled\"", StringComparison.Ordinal) == true;

    private static async Task IgnoreMissingAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (SecretStoreException e) when (e.Kind == SecretStoreErrorKind.NotFound)
        {
            // What should be unreadable is gone: the end state is reached.
            return;
        }
    }
}
