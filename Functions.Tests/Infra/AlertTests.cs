using System.Reflection;
using System.Text.Json.Nodes;
using CasFunctions.Backends;
using CasFunctions.Validation;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Tests.Infra;

/// <summary>The alerts look for what the app really writes. (That Azure runs their queries can't be tried here.)</summary>
public sealed class AlertTests
{
    [Fact]
    public async Task A_backend_that_becomes_invalid_raises_the_alert()
    {
        var query = await QueryAsync("invalid-backend");
        var pattern = query.Split("matches regex @\"")[1].Split('"')[0];
        var message = typeof(BackendValidator).GetMethods(BindingFlags.NonPublic | BindingFlags.Static)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .Single(attribute => attribute?.Message.Contains("{After}", StringComparison.Ordinal) == true)!.Message;

        Assert.Matches(pattern, Written(BackendStatus.Healthy, BackendStatus.Invalid));
        Assert.Matches(pattern, Written(BackendStatus.Suspect, BackendStatus.Invalid));
        Assert.DoesNotMatch(pattern, Written(BackendStatus.Invalid, BackendStatus.Healthy));
        Assert.DoesNotMatch(pattern, Written(BackendStatus.Healthy, BackendStatus.Suspect));

        string Written(BackendStatus before, BackendStatus after) => message
            .Replace("{Backend}", "primary", StringComparison.Ordinal)
            .Replace("{Organization}", "acme", StringComparison.Ordinal)
            .Replace("{Before}", before.ToString(), StringComparison.Ordinal)
            .Replace("{After}", after.ToString(), StringComparison.Ordinal)
            .Replace("{Reason}", "The store was and is Invalid.", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_validation_that_does_not_run_raises_the_alert()
    {
        var function = typeof(ValidationFunctions).GetMethod(nameof(ValidationFunctions.ValidateDueAsync))!.GetCustomAttribute<FunctionAttribute>()!;

        Assert.Contains($"OperationName has \"{function.Name}\"", await QueryAsync("validation-not-run"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_go_to_the_operator_when_an_address_is_given()
    {
        var told = await Deployment.PredictAsync(Deployment.Everything);
        var untold = await Deployment.PredictAsync();

        Assert.Equal(3, Rules(told).Count());
        Assert.All(Rules(told), rule => Assert.Single(rule["properties"]!["actions"]!["actionGroups"]!.AsArray()));
        Assert.Equal(3, Rules(untold).Count());
        Assert.All(Rules(untold), rule => Assert.Empty(rule["properties"]!["actions"]!["actionGroups"]!.AsArray()));
    }

    private static IEnumerable<JsonNode> Rules(Deployment deployment) => deployment.OfType("Microsoft.Insights/scheduledQueryRules");

    private static async Task<string> QueryAsync(string alert)
    {
        var rule = Rules(await Deployment.PredictAsync()).Single(rule => ((string)rule["name"]!).StartsWith(alert, StringComparison.Ordinal));
        return (string)rule["properties"]!["criteria"]!["allOf"]![0]!["query"]!;
    }
}
