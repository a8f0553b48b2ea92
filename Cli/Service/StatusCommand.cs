using System.CommandLine;
using CasFunctions.Cli.Backends;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Service;

/// <summary><c>cas status</c></summary>
internal static class StatusCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() =>
        new Command("status", "Show whether the service works, who you are there, and where new content goes")
            .Does(async run =>
            {
                var health = await run.Api.GetPublicAsync("/v1/health", run.Cancellation);
                if (run.Printer.Format == OutputFormat.Json || !run.Api.HasLogin)
                {
                    run.Printer.Result(health, answer => Tables.Write(
                        ("Service", run.Api.Account.Address.ToString()), ("Health", answer.Json.Text("status")), ("Login", "none")));
                    return;
                }

                var organization = await run.Api.GetAsync("/v1/organization", run.Cancellation);
                var backends = (await BackendTable.ReadAsync(run)).Json.Items("backends");
                Tables.Write(
                    ("Service", run.Api.Account.Address.ToString()),
                    ("Health", health.Json.Text("status")),
                    ("Organization", organization.Json.Text("name")),
                    ("Default backend", Describe(backends.FirstOrDefault(backend => backend.Flag("default")))),
                    ("Fallback backend", Describe(backends.FirstOrDefault(backend => backend.Flag("fallback")))));
            })
            .Example("cas status", "cas status --address https://cas.example.com -o json");

    private static string Describe(System.Text.Json.JsonElement backend) => backend.Text("name") is { } name
        ? $"{name} ({backend.Text("provider")}, {backend.Text("status")}{(backend.Text("statusReason") is { } reason ? ": " + reason : "")})"
        : "none";
}
