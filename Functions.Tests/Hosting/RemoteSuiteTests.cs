using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;

namespace CasFunctions.Tests.Hosting;

/// <summary>The HTTP suite against an address, as somebody runs it against a deployment: against a service that runs as a process.</summary>
public sealed partial class RemoteSuiteTests(TestServices services)
{
    /// <summary>Tests that have to run so; the others need the inside of the service.</summary>
    private const int AtLeast = 90;

    /// <summary>Organizations that they have to make there.</summary>
    private const int Organizations = 20;

    [Fact]
    public async Task The_tests_over_HTTP_pass_against_a_service_that_was_started_elsewhere()
    {
        await using var service = await CasProcess.StartAsync(services);

        var output = await ServiceProcess.RunAsync(
            Prerequisite.Program("env", "Debian package coreutils"),
            [
                $"CAS_TEST_BASE_URL={service.Address}",
                $"CAS_TEST_ROOT_KEY={CasSettings.RootKey}",
                $"CAS_TEST_STORAGE={service.Azurite.ConnectionString}",
                Prerequisite.Program("dotnet", ".NET SDK"),
                Path.Combine(AppContext.BaseDirectory, "CasFunctions.Tests.dll"),
                "-namespace", "CasFunctions.Tests.Http", "-noColor", "-noLogo", "-parallel", "none",
            ],
            AppContext.BaseDirectory,
            TimeSpan.FromMinutes(5));

        var summary = Summary().Match(output);
        Assert.True(summary.Success, output);
        var ran = Number("total") - Number("skipped");
        Assert.True(ran >= AtLeast, $"{ran} tests ran.\n{output}");
        var made = await new TableClient(service.Azurite.ConnectionString, service.TablePrefix + "Organizations")
            .QueryAsync<TableEntity>(cancellationToken: TestContext.Current.CancellationToken)
            .CountAsync(TestContext.Current.CancellationToken);
        Assert.True(made >= Organizations, $"The tests made {made} organizations at the service that they were pointed at.");

        int Number(string group) => int.Parse(summary.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(
        @"Total: (?<total>\d+), Errors: 0, Failed: 0, Skipped: (?<skipped>\d+)",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Summary();
}
