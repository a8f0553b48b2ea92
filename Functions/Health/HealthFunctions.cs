using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Health;

/// <summary>Tells probes whether the service works.</summary>
public sealed class HealthFunctions(ApiEndpoint api, ServiceHealth health)
{
    /// <summary><c>GET /v1/health</c></summary>
    [Function("GetHealth")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/health")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            var document = await health.ReadAsync(cancellationToken);
            return Results.Json(
                document,
                JsonAnswer.Types.HealthDocument,
                statusCode: document.Status == HealthState.Unavailable
                    ? StatusCodes.Status503ServiceUnavailable
                    : StatusCodes.Status200OK);
        });
}
