using CasFunctions.Digests;
using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Verification;

/// <summary>The call that reads an artifact's stored copies now, and the timer that reads all of them in the course of time.</summary>
public sealed class VerificationFunctions(ApiEndpoint api, ArtifactVerifier verifier, Reverification reverification)
{
    /// <summary><c>POST /v1/artifacts/{digest}/verification</c></summary>
    [Function("VerifyArtifact")]
    public Task<IResult> VerifyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/artifacts/{digest}/verification")] HttpRequest request,
        string digest,
        FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var artifact = Sha256Digest.TryParse(digest, out var parsed) ? parsed : throw Problems.InvalidDigest();
            var document = await verifier.VerifyAsync(caller.Organization, artifact, caller.Identity, cancellationToken);
            return Results.Json(document, JsonAnswer.Types.VerificationDocument);
        });

    /// <summary>Every hour: reads the next share.</summary>
    [Function("ReverifyArtifacts")]
    public Task ReverifyAsync([TimerTrigger("0 40 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        reverification.RunAsync(cancellationToken);
}
