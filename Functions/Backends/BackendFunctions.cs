using CasFunctions.Http;
using CasFunctions.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Backends;

/// <summary>The HTTP calls on backends.</summary>
public sealed class BackendFunctions(
    ApiEndpoint api, JsonBody json, BackendStore store, BackendCreation creation, BackendChanges changes, BackendRemoval removal)
{
    /// <summary><c>GET /v1/backends</c></summary>
    [Function("ListBackends")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/backends")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var set = await store.ReadFreshAsync(caller.Organization, cancellationToken);
            var documents = set.Backends.Values
                .Where(backend => backend.DeletedAt is null)
                .OrderBy(backend => backend.Name, StringComparer.Ordinal)
                .Select(backend => BackendDocument.From(backend, set, caller));
            return Results.Json(new BackendList([.. documents]), JsonAnswer.Types.BackendList);
        });

    /// <summary><c>GET /v1/backends/{name}</c></summary>
    [Function("GetBackend")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/backends/{name}")] HttpRequest request,
        string name, FunctionContext context) =>
        api.RunAsync(context, (caller, cancellationToken) => ShowAsync(caller, name, StatusCodes.Status200OK, cancellationToken));

    /// <summary><c>POST /v1/backends</c></summary>
    [Function("CreateBackend")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/backends")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var wanted = await json.ReadAsync(request, ApiJson.Default.NewBackend, cancellationToken);
            var backend = await creation.AddAsync(caller, wanted, cancellationToken);
            request.HttpContext.Response.Headers.Location = "/v1/backends/" + backend.Name;
            return await ShowAsync(caller, backend.Name, StatusCodes.Status201Created, cancellationToken);
        });

    /// <summary><c>PATCH /v1/backends/{name}</c></summary>
    [Function("ChangeBackend")]
    public Task<IResult> ChangeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = "v1/backends/{name}")] HttpRequest request,
        string name, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var change = await json.ReadAsync(request, ApiJson.Default.BackendChange, cancellationToken);
            await changes.ApplyAsync(caller, name, change, cancellationToken);
            return await ShowAsync(caller, name, StatusCodes.Status200OK, cancellationToken);
        });

    /// <summary><c>DELETE /v1/backends/{name}</c></summary>
    [Function("DeleteBackend")]
    public Task<IResult> DeleteAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "v1/backends/{name}")] HttpRequest request,
        string name, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var purge = request.Query["purge"] == "true";
            return Results.Json(await removal.RemoveAsync(caller, name, purge, cancellationToken), JsonAnswer.Types.BackendRemovalDocument);
        });

    private async Task<IResult> ShowAsync(Caller caller, string name, int status, CancellationToken cancellationToken)
    {
        var set = await store.ReadFreshAsync(caller.Organization, cancellationToken);
        var backend = set.Find(name) is { DeletedAt: null } found ? found : throw Problems.NotFound("backend");
        return Results.Json(BackendDocument.From(backend, set, caller), JsonAnswer.Types.BackendDocument, statusCode: status);
    }
}
