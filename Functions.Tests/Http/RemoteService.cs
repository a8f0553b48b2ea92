namespace CasFunctions.Tests.Http;

/// <summary>
/// A service that was started elsewhere, such as a deployment: with CAS_TEST_BASE_URL and CAS_TEST_ROOT_KEY set, the tests that speak HTTP
/// only run against it, and those that need the inside of a service are skipped. What they leave there are organizations of their own.
/// </summary>
public static class RemoteService
{
    /// <summary>Where it is; null when the tests run their own.</summary>
    public static Uri? Address { get; } = Variable("CAS_TEST_BASE_URL") is { } text ? new Uri(text) : null;

    /// <summary>The operator's key of the service under test.</summary>
    public static string RootKey { get; } = Address is null
        ? CasSettings.RootKey
        : Variable("CAS_TEST_ROOT_KEY") ?? throw new InvalidOperationException("CAS_TEST_BASE_URL needs CAS_TEST_ROOT_KEY beside it.");

    /// <summary>
    /// The connection string of a storage account that it can reach, and whose use it allows; null when only inline backends can be tested.
    /// </summary>
    public static string? Storage { get; } = Variable("CAS_TEST_STORAGE");

    /// <summary>Skips a test that needs a service of its own: its settings, its parts, its tables, or to stop it.</summary>
    public static void SkipIfUsed() =>
        Assert.SkipWhen(Address is not null, "Needs the inside of the service, which is elsewhere (CAS_TEST_BASE_URL).");

    /// <summary>Skips a test that needs a storage account; throw what it returns.</summary>
    public static InvalidOperationException WithoutStorage()
    {
        const string Reason = "Needs a storage account that the service can reach (CAS_TEST_STORAGE).";
        Assert.Skip(Reason);
        return new InvalidOperationException(Reason);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
