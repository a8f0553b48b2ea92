using CasFunctions.Secrets;
using CasFunctions.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Secrets;

/// <summary>The store on the real Key Vault client, against the vault's wire protocol.</summary>
public sealed class KeyVaultSecretStoreTests : IAsyncLifetime
{
    private const string Value = """{"accessKey":"AKIA","secretKey":"hunter2"}""";

    private FakeKeyVault _vault = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _vault = await FakeKeyVault.StartAsync();

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task Rotation_writes_a_new_version_and_disables_the_old_one()
    {
        var store = _vault.Store();
        var name = SecretName.Create("acme", "primary");

        var first = await store.WriteAsync(name, Value, Cancellation);
        var second = await store.WriteAsync(name, """{"secretKey":"new"}""", Cancellation);

        Assert.NotEqual(first, second, StringComparer.Ordinal);
        Assert.Equal(Value, await store.ReadAsync(name, first, Cancellation));
        await store.DisableAsync(name, first, Cancellation);
        await store.DisableAsync(name, first, Cancellation);
        await FailsAsync(SecretStoreErrorKind.NotFound, () => store.ReadAsync(name, first, Cancellation));
        Assert.Equal("""{"secretKey":"new"}""", await store.ReadAsync(name, second, Cancellation));
        var versions = await _vault.Client().GetPropertiesOfSecretVersionsAsync(name, Cancellation).ToArrayAsync(Cancellation);
        Assert.Equal([false, true], versions.Select(version => version.Enabled));
        Assert.All(versions, version => Assert.Equal("application/json", version.ContentType));
    }

    [Fact]
    public async Task Deleting_may_be_repeated_and_the_name_stays_taken_until_it_is_purged()
    {
        var store = _vault.Store();
        var vault = _vault.Client();
        var version = await store.WriteAsync("cas-acme-primary-1", Value, Cancellation);

        await store.DeleteAsync("cas-acme-primary-1", Cancellation);
        await store.DeleteAsync("cas-acme-primary-1", Cancellation);
        await store.DisableAsync("cas-acme-primary-1", version, Cancellation);

        await FailsAsync(SecretStoreErrorKind.NotFound, () => store.ReadAsync("cas-acme-primary-1", version, Cancellation));
        await FailsAsync(SecretStoreErrorKind.Refused, () => store.WriteAsync("cas-acme-primary-1", Value, Cancellation));
        Assert.NotNull((await vault.GetDeletedSecretAsync("cas-acme-primary-1", Cancellation)).Value.ScheduledPurgeDate);
        await vault.PurgeDeletedSecretAsync("cas-acme-primary-1", Cancellation);
        await store.WriteAsync("cas-acme-primary-1", Value, Cancellation);
    }

    [Fact]
    public async Task Throttling_is_waited_out()
    {
        var store = _vault.Store();
        var version = await store.WriteAsync("throttled", Value, Cancellation);
        _vault.Throttle(2);

        Assert.Equal(Value, await store.ReadAsync("throttled", version, Cancellation));

        Assert.Equal(3, _vault.Requests.Count(request => request.StartsWith("GET ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_vault_that_throttles_for_longer_than_the_budget_is_unavailable()
    {
        var time = new FakeTimeProvider();
        var store = _vault.Store(time);
        var version = await store.WriteAsync("throttled", Value, Cancellation);
        _vault.RetryAfterSeconds = 3600;
        _vault.Throttle(int.MaxValue);

        var read = store.ReadAsync("throttled", version, Cancellation);
        time.Advance(KeyVaultSecretStore.TotalBudget);

        await FailsAsync(SecretStoreErrorKind.Unavailable, () => read);
    }

    [Fact]
    public async Task A_call_that_the_caller_ends_is_no_failure_of_the_store()
    {
        var store = _vault.Store();
        using var ended = new CancellationTokenSource();
        _vault.RetryAfterSeconds = 3600;
        _vault.Throttle(int.MaxValue);

        var read = store.ReadAsync("name", "version", ended.Token);
        await ended.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task Identities_without_the_role_or_with_wrong_credentials_are_told_apart()
    {
        await FailsAsync(
            SecretStoreErrorKind.Unavailable, () => _vault.Store(clientSecret: "wrong").ReadAsync("name", "version", Cancellation));
        _vault.Authorized = false;
        await FailsAsync(SecretStoreErrorKind.Refused, () => _vault.Store().WriteAsync("name", Value, Cancellation));
    }

    private static async Task FailsAsync(SecretStoreErrorKind kind, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<SecretStoreException>(call);
        Assert.Equal(kind, error.Kind);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }
}
