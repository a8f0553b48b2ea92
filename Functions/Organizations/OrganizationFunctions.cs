using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Organizations;

/// <summary>The HTTP calls on organizations and their tokens.</summary>
public sealed class OrganizationFunctions(ApiEndpoint api, JsonBody json, OrganizationService organizations, TokenStore tokens)
{
    /// <summary><c>POST /v1/organizations</c></summary>
    [Function("CreateOrganization")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/organizations")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            var wanted = await json.ReadAsync(request, ApiJson.Default.NewOrganization, cancellationToken);
            var created = await organizations.CreateAsync(wanted, cancellationToken);
            return Secret(request, Results.Json(created, JsonAnswer.Types.OrganizationDocument, statusCode: StatusCodes.Status201Created));
        });

    /// <summary><c>POST /v1/organizations/{org}/tokens</c></summary>
    [Function("CreateOrganizationToken")]
    public Task<IResult> MintAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/organizations/{org}/tokens")] HttpRequest request,
        string org, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            var minted = await organizations.MintOwnerTokenAsync(org, cancellationToken);
            return Secret(request, Results.Json(minted, JsonAnswer.Types.TokenDocument, statusCode: StatusCodes.Status201Created));
        });

    /// <summary><c>GET /v1/organization</c></summary>
    [Function("GetOrganization")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/organization")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
            Results.Json(await organizations.GetAsync(caller.Organization, cancellationToken), JsonAnswer.Types.OrganizationDocument));

    /// <summary><c>PATCH /v1/organization</c></summary>
    [Function("ChangeOrganization")]
    public Task<IResult> ChangeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = "v1/organization")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var change = await json.ReadAsync(request, ApiJson.Default.OrganizationChange, cancellationToken);
            return Results.Json(await organizations.ChangeAsync(caller, change, cancellationToken), JsonAnswer.Types.OrganizationDocument);
        });

    /// <summary><c>GET /v1/tokens</c></summary>
    [Function("ListTokens")]
    public Task<IResult> ListTokensAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/tokens")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var found = await tokens.ListAsync(caller.Organization, cancellationToken);
            return Results.Json(new TokenList([.. found.Select(TokenDocument.From)]), JsonAnswer.Types.TokenList);
        });

    /// <summary><c>POST /v1/tokens</c></summary>
    [Function("CreateToken")]
    public Task<IResult> CreateTokenAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/tokens")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var wanted = await json.ReadAsync(request, ApiJson.Default.NewToken, cancellationToken);
            var created = await organizations.CreateTokenAsync(caller, wanted, cancellationToken);
            return Secret(request, Results.Json(created, JsonAnswer.Types.TokenDocument, statusCode: StatusCodes.Status201Created));
        });

    /// <summary><c>DELETE /v1/tokens/{id}</c></summary>
    [Function("RevokeToken")]
    public Task<IResult> RevokeTokenAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "v1/tokens/{id}")] HttpRequest request,
        string id, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            await organizations.RevokeTokenAsync(caller, id, cancellationToken);
            return Results.NoContent();
        });

    private static IResult Secret(HttpRequest request, IResult result)
    {
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return result;
    }
}
