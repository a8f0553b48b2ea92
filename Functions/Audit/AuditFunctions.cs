using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Audit;

/// <summary>The HTTP call on the audit log, and the timer that shortens it.</summary>
public sealed class AuditFunctions(ApiEndpoint api, AuditTable table, AuditRetention retention)
{
    /// <summary><c>GET /v1/audit</c></summary>
    [Function("ListAudit")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/audit")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            string? action = request.Query["action"];
            if (action is not null && !AuditActions.All.Contains(action))
            {
                throw Problems.InvalidRequest(
                    "action", $"An action is one of {string.Join(", ", AuditActions.All.Order(StringComparer.Ordinal))}.");
            }

            var limit = PageLimit.Parse(request.Query["limit"], AuditTable.MaxPage);
            var page = await table.ReadAsync(caller.Organization, action, request.Query["after"], limit, cancellationToken);
            return Results.Json(page, JsonAnswer.Types.AuditPage);
        });

    /// <summary>Once a day.</summary>
    [Function("PruneAudit")]
    public Task PruneAsync([TimerTrigger("0 17 3 * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        retention.PruneAsync(cancellationToken);
}
