using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Http;

/// <summary>The settings under which the tests run the service, as command line arguments.</summary>
public static class CasSettings
{
    /// <summary>The operator's key.</summary>
    public const string RootKey = "root-key-of-the-tests-0123456789";

    /// <summary>Arguments for a service whose own tables are on the given Azurite, and that may reach services on the loopback address.</summary>
    /// <param name="azurite">Where its tables are.</param>
    /// <param name="tablePrefix">Keeps its tables apart from those of other tests.</param>
    /// <param name="secrets">The folder of its secrets.</param>
    /// <param name="ports">Ports of services that its backends may use over plain http.</param>
    /// <param name="more">Further settings.</param>
    public static IEnumerable<string> Arguments(
        Azurite azurite, string tablePrefix, string secrets, IReadOnlyList<int> ports, IReadOnlyDictionary<string, string>? more = null)
    {
        ArgumentNullException.ThrowIfNull(azurite);
        ArgumentNullException.ThrowIfNull(ports);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Cas:RootKey"] = RootKey,
            ["Cas:Storage:ConnectionString"] = azurite.ConnectionString,
            ["Cas:Storage:TablePrefix"] = tablePrefix,
            ["Cas:Secrets:LocalPath"] = secrets,
            ["Cas:Backends:AllowConnectionStrings"] = "true",
            ["Cas:Outbound:AllowedNetworks:0"] = "127.0.0.0/8",

            // All tests call from one address, and many of them with wrong tokens.
            ["Cas:AuthenticationLimits:FailuresPerToken"] = "1000000",
            ["Cas:AuthenticationLimits:FailuresPerNetwork"] = "1000000",
            ["Cas:AuthenticationLimits:LookUpsPerNetwork"] = "1000000",
            ["Cas:AuthenticationLimits:RootKeysPerNetwork"] = "1000000",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        for (var i = 0; i < ports.Count; i++)
        {
            settings[$"Cas:Outbound:AllowedPorts:{i}"] = $"{ports[i]}";
            settings[$"Cas:Outbound:PlainHttpHosts:{i}"] = $"127.0.0.1:{ports[i]}";
        }

        foreach (var (key, value) in more ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            settings[key] = value;
        }

        return settings.Select(setting => $"--{setting.Key}={setting.Value}");
    }
}
