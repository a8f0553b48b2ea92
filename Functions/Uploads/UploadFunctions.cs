using CasFunctions.Artifacts;
using CasFunctions.Http;
using CasFunctions.Uploads.Appends;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Uploads;

/// <summary>The HTTP calls on upload sessions.</summary>
public sealed class UploadFunctions(
    ApiEndpoint api, JsonBody json, UploadService uploads, IetfUploads ietf, TusUploads tus, UploadLimits limits, Locations locations)
{
    /// <summary><c>POST /v1/uploads</c></summary>
    [Function("CreateUpload")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/uploads")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            if (TusUploads.Speaks(request))
            {
                return await tus.CreateAsync(caller, request, cancellationToken);
            }

            if (IetfUploads.Speaks(request))
            {
                return await ietf.CreateAsync(caller, request, cancellationToken);
            }

            var wanted = await json.ReadAsync(request, ApiJson.Default.NewUpload, cancellationToken);
            var offer = await uploads.CreateAsync(caller, wanted, discards: false, locations.Of(request), cancellationToken);
            if (offer.Existing is { } existing)
            {
                return Results.Json(existing, JsonAnswer.Types.ResourceDescriptor);
            }

            request.HttpContext.Response.Headers.Location = offer.Session!.UploadUrl;
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            return Results.Json(offer.Session, JsonAnswer.Types.UploadDocument, statusCode: StatusCodes.Status201Created);
        });

    /// <summary><c>PUT /v1/uploads/{id}</c></summary>
    [Function("PutUpload")]
    public Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "v1/uploads/{id}")] HttpRequest request,
        string id,
        FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            var descriptor = await uploads.PutAsync(id, request, locations.Of(request), cancellationToken);
            return Results.Json(descriptor, JsonAnswer.Types.ResourceDescriptor, statusCode: StatusCodes.Status201Created);
        });

    /// <summary><c>PATCH /v1/uploads/{id}</c></summary>
    [Function("AppendUpload")]
    public Task<IResult> AppendAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = "v1/uploads/{id}")] HttpRequest request,
        string id,
        FunctionContext context) =>
        api.RunAsync(context, (_, _) => TusUploads.Speaks(request) ? tus.AppendAsync(id, request) : ietf.AppendAsync(id, request));

    /// <summary>
    /// <c>POST /v1/uploads/{id}</c> with X-HTTP-Method-Override, which the core of tus has for clients and proxies that know no other
    /// method.
    /// </summary>
    [Function("OverrideUpload")]
    public Task<IResult> OverrideAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/uploads/{id}")] HttpRequest request,
        string id,
        FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? method = request.Headers[TusUploads.MethodOverride];
        return method?.ToUpperInvariant() switch
        {
            "PATCH" => AppendAsync(request, id, context),
            "HEAD" => HeadAsync(request, id, context),
            "DELETE" => CancelAsync(request, id, context),
            _ => api.RunAsync(context, (_, _) => throw Problems.InvalidRequest(
                TusUploads.MethodOverride,
                $"A POST to an upload says in {TusUploads.MethodOverride} which of PATCH, HEAD and DELETE it stands for.")),
        };
    }

    /// <summary><c>HEAD /v1/uploads/{id}</c></summary>
    [Function("HeadUpload")]
    public Task<IResult> HeadAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "head", Route = "v1/uploads/{id}")] HttpRequest request,
        string id,
        FunctionContext context) =>
        api.RunAsync(context, (_, cancellationToken) => TusUploads.Speaks(request)
            ? tus.HeadAsync(id, request, cancellationToken)
            : ietf.HeadAsync(id, request, cancellationToken));

    /// <summary><c>OPTIONS /v1/uploads</c> and <c>OPTIONS /v1/uploads/{id}</c></summary>
    [Function("GetUploadOptions")]
    public Task<IResult> OptionsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "v1/uploads/{id?}")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, (_, _) =>
        {
            var response = request.HttpContext.Response;
            TusUploads.WriteOptions(response);
            response.Headers["Upload-Limit"] = limits.General();
            response.Headers["Accept-Patch"] = "application/partial-upload, application/offset+octet-stream";
            return Task.FromResult(Results.NoContent());
        });

    /// <summary><c>GET /v1/uploads/{id}</c></summary>
    [Function("GetUpload")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/uploads/{id}")] HttpRequest request,
        string id,
        FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            var document = await uploads.GetAsync(id, cancellationToken);
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            return Results.Json(document, JsonAnswer.Types.UploadDocument);
        });

    /// <summary><c>DELETE /v1/uploads/{id}</c></summary>
    [Function("CancelUpload")]
    public Task<IResult> CancelAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "v1/uploads/{id}")] HttpRequest request,
        string id,
        FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            _ = TusUploads.Speaks(request);
            await uploads.CancelAsync(id, cancellationToken);
            return Results.NoContent();
        });
}
