using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Artifacts;

/// <summary>The call that tells which backends hold an artifact, and in what state.</summary>
public sealed class CopyFunctions(ApiEndpoint api, ArtifactIndex index, BackendStore backends)
{
    /// <summary><c>GET /v1/artifacts/{digest}/copies</c></summary>
    [Function("ListCopies")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/artifacts/{digest}/copies")] HttpRequest request,
        string digest, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var content = Sha256Digest.TryParse(digest, out var parsed) ? parsed : throw Problems.InvalidDigest();
            var copies = await index.FindAsync(caller.Organization, content, cancellationToken);
            if (copies.Count == 0)
            {
                throw Problems.NotFound("artifact");
            }

            var set = await backends.ReadAsync(caller.Organization, cancellationToken);
            var documents = set.InReadingOrder().SelectMany(
                backend => copies.Where(copy => copy.Backend == backend.Name).Select(copy => CopyDocument.From(copy, backend)));
            return Results.Json(new CopyList(content.ToString(), [.. documents]), JsonAnswer.Types.CopyList);
        });
}
