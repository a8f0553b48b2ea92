using System.Text.Json.Nodes;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Infra;

/// <summary>
/// What keeps the paths of upload sessions out of the Functions host's own telemetry. (That the host heeds it can't be tried here.)
/// </summary>
public sealed class HostSettingsTests
{
    private static readonly JsonNode Settings = JsonNode.Parse(File.ReadAllText(Path.Combine(Prerequisite.RepositoryRoot, "host.json")))!;

    private static JsonNode Insights => Settings["logging"]!["applicationInsights"]!;

    [Fact]
    public void The_host_records_no_addresses_of_requests_and_none_of_its_calls_of_the_app()
    {
        Assert.False((bool)Insights["httpAutoCollectionOptions"]!["enableHttpTriggerExtendedInfoCollection"]!);
        Assert.False((bool)Insights["enableDependencyTracking"]!);
        Assert.NotEqual("OpenTelemetry", (string?)Settings["telemetryMode"], StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_host_writes_no_line_with_the_path_of_each_request()
    {
        Assert.Equal("Warning", (string?)Settings["logging"]!["logLevel"]!["Microsoft.Azure.WebJobs.Script.WebHost.Middleware.SystemTraceMiddleware"]);
    }

    [Fact]
    public void The_requests_that_alerts_count_are_not_thinned_out()
    {
        Assert.Contains("Request", (string)Insights["samplingSettings"]!["excludedTypes"]!, StringComparison.Ordinal);
    }
}
