using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Backends;

/// <summary>The HTTP calls on backends.</summary>
public sealed class BackendFunctions(ApiEndpoint api, BackendStore store, BackendService service)
{
    /// <summary><c>GET /v1/backends</c></summary>
    [Function("ListBackends")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/backends")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var set = await store.ReadFreshAsync(caller.Organization, cancellationToken);
            var documents = set.Backends.Values.OrderBy(backend => backend.Name, StringComparer.Ordinal).Select(backend => BackendDocument.From(backend, set));
            return Results.Json(new BackendList([.. documents]), ApiJson.Default.BackendList);
        });

    /// <summary><c>GET /v1/backends/{name}</c></summary>
    [Function("GetBackend")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/backends/{name}")] HttpRequest request, string name, FunctionContext context) =>
        api.RunAsync(context, (caller, cancellationToken) => ShowAsync(caller.Organization, name, StatusCodes.Status200OK, cancellationToken));

    /// <summary><c>POST /v1/backends</c></summary>
    [Function("CreateBackend")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/backends")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var wanted = await JsonBody.ReadAsync(request, ApiJson.Default.NewBackend, cancellationToken);
            var backend = await service.AddAsync(caller.Organization, wanted, cancellationToken);
            request.HttpContext.Response.Headers.Location = "/v1/backends/" + backend.Name;
            return await ShowAsync(caller.Organization, backend.Name, StatusCodes.Status201Created, cancellationToken);
        });

    /// <summary><c>PATCH /v1/backends/{name}</c></summary>
    [Function("ChangeBackend")]
    public Task<IResult> ChangeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = "v1/backends/{name}")] HttpRequest request, string name, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var change = await JsonBody.ReadAsync(request, ApiJson.Default.BackendChange, cancellationToken);
            if (change.Default != true)
            {
                throw Problems.InvalidRequest("default", "A backend stops being the default when another becomes it. Send {\"default\": true} to that one.");
            }

            await service.SetDefaultAsync(caller.Organization, name, cancellationToken);
            return await ShowAsync(caller.Organization, name, StatusCodes.Status200OK, cancellationToken);
        });

    private async Task<IResult> ShowAsync(string organization, string name, int status, CancellationToken cancellationToken)
    {
        var set = await store.ReadFreshAsync(organization, cancellationToken);
        var backend = set.Find(name) ?? throw Problems.NotFound("backend");
        return Results.Json(BackendDocument.From(backend, set), ApiJson.Default.BackendDocument, statusCode: status);
    }
}
