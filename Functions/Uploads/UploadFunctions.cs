using CasFunctions.Artifacts;
using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Uploads;

/// <summary>The HTTP calls on upload sessions.</summary>
public sealed class UploadFunctions(ApiEndpoint api, UploadService uploads, Locations locations)
{
    /// <summary><c>POST /v1/uploads</c></summary>
    [Function("CreateUpload")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/uploads")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var wanted = await JsonBody.ReadAsync(request, ApiJson.Default.NewUpload, cancellationToken);
            var offer = await uploads.CreateAsync(caller, wanted, locations.Of(request), cancellationToken);
            if (offer.Existing is { } existing)
            {
                return Results.Json(existing, ApiJson.Default.ResourceDescriptor);
            }

            request.HttpContext.Response.Headers.Location = offer.Session!.UploadUrl;
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            return Results.Json(offer.Session, ApiJson.Default.UploadDocument, statusCode: StatusCodes.Status201Created);
        });

    /// <summary><c>PUT /v1/uploads/{id}</c></summary>
    [Function("PutUpload")]
    public Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "v1/uploads/{id}")] HttpRequest request, string id, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            var descriptor = await uploads.PutAsync(id, request, locations.Of(request), cancellationToken);
            return Results.Json(descriptor, ApiJson.Default.ResourceDescriptor, statusCode: StatusCodes.Status201Created);
        });

    /// <summary><c>GET/HEAD /v1/uploads/{id}</c></summary>
    [Function("GetUpload")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v1/uploads/{id}")] HttpRequest request, string id, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            var document = await uploads.GetAsync(id, cancellationToken);
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            return HttpMethods.IsHead(request.Method) ? Results.Ok() : Results.Json(document, ApiJson.Default.UploadDocument);
        });

    /// <summary><c>DELETE /v1/uploads/{id}</c></summary>
    [Function("CancelUpload")]
    public Task<IResult> CancelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "v1/uploads/{id}")] HttpRequest request, string id, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            await uploads.CancelAsync(id, cancellationToken);
            return Results.NoContent();
        });
}
