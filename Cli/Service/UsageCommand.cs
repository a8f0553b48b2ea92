using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;
using CasFunctions.Cli.Output;

namespace CasFunctions.Cli.Service;

/// <summary><c>cas usage</c></summary>
internal static class UsageCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var from = new Option<string?>("--from") { Description = "First day, such as 2026-01-31, in UTC; 30 days before the last unless told", HelpName = "DAY" };
        var to = new Option<string?>("--to") { Description = "Last day; today unless told", HelpName = "DAY" };
        return new Command("usage", "Show how much was stored and fetched, by day and backend") { from, to }
            .Does(async run =>
            {
                var usage = await run.Api.GetAsync("/v1/usage" + Query.Of(("from", run.Get(from)), ("to", run.Get(to))), run.Cancellation);
                run.Printer.Result(usage, Write);
            })
            .Example("cas usage", "cas usage --from 2026-01-01 --to 2026-01-31 -o json");
    }

    private static void Write(ApiAnswer answer) => Tables.Write(
        [.. answer.Json.Items("days"), .. answer.Json.Items("totals")],
        new Column("DAY", counts => counts.Text("day") ?? "total"),
        Column.Of("BACKEND", "backend"),
        Column.Of("UPLOADS", "uploads"),
        Bytes("UPLOADED", "uploadedBytes"),
        Column.Of("DEDUPLICATED", "deduplicated"),
        Column.Of("DOWNLOADS", "downloads"),
        Bytes("DOWNLOADED", "downloadedBytes"),
        Column.Of("FAILOVERS", "failovers"),
        Column.Of("ALTERED", "verificationFailures"));

    private static Column Bytes(string heading, string member) => new(heading, counts => counts.Number(member) is { } bytes ? ByteSize.Moved(bytes) : null);
}
