using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Http;

/// <summary>Keeps the paths of requests out of the logs: that of an upload session is a capability.</summary>
public static class RequestLogs
{
    /// <summary>
    /// Silences the framework's own lines and scopes with paths, whatever the settings say. Our own lines name the function instead,
    /// and the trace id leads to them.
    /// </summary>
    public static IServiceCollection KeepPathsOutOfLogs(
        this IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(options =>
    {
        // A rule for one provider beats those for all, so each provider that has any gets ours too.
        foreach (var provider in options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct(StringComparer.Ordinal).ToList())
        {
            options.Rules.Add(new LoggerFilterRule(provider, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, null));
            options.Rules.Add(new LoggerFilterRule(provider, "Microsoft.AspNetCore.Routing", LogLevel.Information, null));
        }
    });
}
