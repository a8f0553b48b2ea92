using CasFunctions.Backends;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Providers.Inline;
using CasFunctions.Uploads;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Artifacts;

/// <summary>The HTTP calls on artifacts.</summary>
public sealed class ArtifactFunctions(
    ApiEndpoint api,
    ArtifactIndex index,
    ArtifactListing listing,
    ArtifactDownload download,
    BackendStore backends,
    ArtifactUpload upload,
    Locations locations)
{
    /// <summary><c>PUT /v1/artifacts/{digest}</c></summary>
    [Function("PutArtifact")]
    public Task<IResult> PutAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "v1/artifacts/{digest}")] HttpRequest request,
        string digest, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var (descriptor, created) = await upload.PutAsync(caller, Parse(digest), request, locations.Of(request), cancellationToken);
            if (created)
            {
                request.HttpContext.Response.Headers.Location = Locations.PathOf(Parse(digest));
            }

            return Results.Json(
                descriptor,
                JsonAnswer.Types.ResourceDescriptor,
                statusCode: created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        });

    /// <summary><c>GET/HEAD /v1/artifacts/{digest}</c></summary>
    [Function("GetArtifact")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v1/artifacts/{digest}")] HttpRequest request,
        string digest, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
            await download.AnswerAsync(caller, Parse(digest), request, null, cancellationToken));

    /// <summary><c>GET /v1/artifacts/{digest}/descriptor</c></summary>
    [Function("GetDescriptor")]
    public Task<IResult> DescribeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/artifacts/{digest}/descriptor")] HttpRequest request,
        string digest, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var content = Parse(digest);
            var set = await backends.ReadAsync(caller.Organization, cancellationToken);
            var copy = await ChooseAsync(caller.Organization, content, set, cancellationToken);
            var backend = set.Find(copy.Backend);
            byte[]? bytes = null;
            if (backend?.Provider == InlineProvider.KindName && caller.MayDownload && copy.CorruptSince is null)
            {
                bytes = await download.ReadInlineAsync(caller, new ArtifactSource(copy, backend), cancellationToken);
                if (bytes is null)
                {
                    // The reading may have found the copy altered.
                    copy = await ChooseAsync(caller.Organization, content, set, cancellationToken);
                    backend = set.Find(copy.Backend);
                }
            }

            return Results.Json(
                ResourceDescriptor.Of(copy, null, backend, locations.Of(request)(content), bytes), JsonAnswer.Types.ResourceDescriptor);
        });

    /// <summary><c>GET /v1/artifacts</c></summary>
    [Function("ListArtifacts")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/artifacts")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var page = await listing.ReadAsync(
                caller.Organization,
                request.Query["name"],
                request.Query["after"],
                PageLimit.Parse(request.Query["limit"], ArtifactListing.MaxPage),
                cancellationToken);
            return Results.Json(page, JsonAnswer.Types.ArtifactPage);
        });

    /// <summary>
    /// The copy that stands for an artifact in its descriptor: one that is right, on the default backend if there is one.
    /// </summary>
    private async Task<ArtifactCopy> ChooseAsync(
        string organization, Sha256Digest content, BackendSet set, CancellationToken cancellationToken)
    {
        var copies = await index.FindAsync(organization, content, cancellationToken);
        return copies.OrderBy(copy => copy.CorruptSince is not null).ThenByDescending(copy => copy.Backend == set.Default).FirstOrDefault()
            ?? throw Problems.NotFound("artifact");
    }

    private static Sha256Digest Parse(string text) => Sha256Digest.TryParse(text, out var digest) ? digest : throw Problems.InvalidDigest();
}
