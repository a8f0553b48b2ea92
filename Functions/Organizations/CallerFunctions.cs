using CasFunctions.Http;
using CasFunctions.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Organizations;

/// <summary>Who the service takes a caller for.</summary>
/// <param name="Organization">The organization that the credentials belong to.</param>
/// <param name="Role">What they allow.</param>
/// <param name="Identity">What records call the caller by.</param>
public sealed record CallerDocument(string Organization, Role Role, string Identity);

/// <summary>The call by which clients learn what their credentials allow, so that they offer nothing else.</summary>
public sealed class CallerFunctions(ApiEndpoint api)
{
    /// <summary><c>GET /v1/me</c></summary>
    [Function("GetCaller")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/me")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, (caller, _) =>
        {
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            var document = new CallerDocument(caller.Organization, caller.Role!.Value, caller.Identity);
            return Task.FromResult(Results.Json(document, JsonAnswer.Types.CallerDocument));
        });
}
