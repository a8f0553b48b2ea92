using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.OpenApi;

/// <summary>The HTTP call on the API's description.</summary>
public sealed class OpenApiFunctions(ApiEndpoint api, ApiDescription description)
{
    /// <summary><c>GET /v1/openapi.json</c></summary>
    [Function("GetApiDescription")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/openapi.json")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, (_, _) =>
        {
            var headers = request.HttpContext.Response.Headers;
            headers.ETag = EntityTags.Of(description.Digest);
            headers.CacheControl = "public, max-age=300";
            return Task.FromResult(EntityTags.IfNoneMatchHolds(request.Headers.IfNoneMatch, description.Digest)
                ? Results.Bytes(description.Document, "application/json")
                : Results.StatusCode(StatusCodes.Status304NotModified));
        });
}
