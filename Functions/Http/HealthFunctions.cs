using CasFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Http;

/// <summary>Tells probes whether the service works.</summary>
public sealed class HealthFunctions(ApiEndpoint api, AppStorage storage)
{
    /// <summary><c>GET /v1/health</c></summary>
    [Function("GetHealth")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/health")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            var reachable = await storage.IsReachableAsync(cancellationToken);
            return Results.Json(
                new HealthDocument(reachable ? "ok" : "degraded"),
                JsonAnswer.Types.HealthDocument,
                statusCode: reachable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
}
