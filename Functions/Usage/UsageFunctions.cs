using System.Globalization;
using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Usage;

/// <summary>The HTTP call on the usage.</summary>
public sealed class UsageFunctions(ApiEndpoint api, UsageTable table, TimeProvider time)
{
    private const int DefaultDays = 30;
    private const int MaxDays = 400;

    /// <summary><c>GET /v1/usage</c></summary>
    [Function("GetUsage")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/usage")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var to = ParseDay(request, "to") ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
            var from = ParseDay(request, "from") ?? DateOnly.FromDayNumber(Math.Max(0, to.DayNumber - (DefaultDays - 1)));
            if (to.DayNumber - from.DayNumber is < 0 or >= MaxDays)
            {
                throw Problems.InvalidRequest("from", $"'from' is not after 'to', and at most {MaxDays} days are told at once.");
            }

            var days = await table.ReadAsync(caller.Organization, from, to, cancellationToken);
            return Results.Json(new UsageReport(from, to, days, Totals(days)), JsonAnswer.Types.UsageReport);
        });

    private static List<BackendUsage> Totals(IReadOnlyList<DayUsage> days) =>
    [
        .. days.GroupBy(day => day.Backend, StringComparer.Ordinal)
            .OrderBy(backend => backend.Key, StringComparer.Ordinal)
            .Select(backend => backend.Aggregate(new BackendUsage { Backend = backend.Key }, (sum, day) => (BackendUsage)sum.Plus(day))),
    ];

    private static DateOnly? ParseDay(HttpRequest request, string parameter) => (string?)request.Query[parameter] switch
    {
        null => null,
        var text when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day,
        _ => throw Problems.InvalidRequest(parameter, "A day is given as 2026-01-31, in UTC."),
    };
}
