using CasFunctions.Http;
using CasFunctions.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Trusts;

/// <summary>The HTTP calls on trusts, and the exchange of tokens.</summary>
public sealed class TrustFunctions(
    ApiEndpoint api, JsonBody json, TrustService trusts, TokenExchange exchange, AuthenticationLimits limits)
{
    /// <summary><c>GET /v1/trusts</c></summary>
    [Function("ListTrusts")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/trusts")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
            Results.Json(await trusts.ListAsync(caller.Organization, cancellationToken), JsonAnswer.Types.TrustList));

    /// <summary><c>POST /v1/trusts</c></summary>
    [Function("CreateTrust")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/trusts")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var wanted = await json.ReadAsync(request, ApiJson.Default.NewTrust, cancellationToken);
            var created = await trusts.CreateAsync(caller, wanted, cancellationToken);
            return Results.Json(created, JsonAnswer.Types.TrustDocument, statusCode: StatusCodes.Status201Created);
        });

    /// <summary><c>DELETE /v1/trusts/{id}</c></summary>
    [Function("RemoveTrust")]
    public Task<IResult> RemoveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "v1/trusts/{id}")] HttpRequest request,
        string id, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            await trusts.RemoveAsync(caller, id, cancellationToken);
            return Results.NoContent();
        });

    /// <summary><c>POST /v1/organizations/{org}/token-exchange</c></summary>
    [Function("ExchangeToken")]
    public Task<IResult> ExchangeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/organizations/{org}/token-exchange")] HttpRequest request,
        string org, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            var wanted = await json.ReadAsync(request, ApiJson.Default.NewExchange, cancellationToken);
            var token = await exchange.ExchangeAsync(org, wanted, limits.NetworkOf(request), cancellationToken);
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            return Results.Json(token, JsonAnswer.Types.TokenDocument, statusCode: StatusCodes.Status201Created);
        });
}
