using System.Text;
using CasFunctions.Artifacts;
using CasFunctions.Digests;
using CasFunctions.Http;
using CasFunctions.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Links;

/// <summary>A download link as the API tells it, once.</summary>
/// <param name="Url">Where the content is, for whoever knows it.</param>
/// <param name="ExpiresAt">Until when a download can be begun.</param>
public sealed record LinkDocument(string Url, DateTimeOffset ExpiresAt)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("ExpiresAt = ").Append(ExpiresAt);
        return true;
    }
}

/// <summary>The HTTP calls on download links, and the timer that removes old ones.</summary>
public sealed class LinkFunctions(ApiEndpoint api, DownloadLinks links, ArtifactDownload download)
{
    /// <summary>
    /// What differs from a download with a token. The media type says nothing: a page of this origin could otherwise be made to load
    /// stored content as its own script or style, which the console's policy allows from its own address.
    /// </summary>
    private static readonly Dictionary<string, string> Fields = new(StringComparer.Ordinal)
    {
        ["Cache-Control"] = "no-store",
        ["Content-Type"] = "application/octet-stream",
        ["Cross-Origin-Resource-Policy"] = "same-origin",
        ["Referrer-Policy"] = "no-referrer",
    };

    /// <summary><c>POST /v1/artifacts/{digest}/links</c></summary>
    [Function("CreateLink")]
    public Task<IResult> CreateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v1/artifacts/{digest}/links")] HttpRequest request,
        string digest, FunctionContext context) =>
        api.RunAsync(context, async (caller, cancellationToken) =>
        {
            var content = Sha256Digest.TryParse(digest, out var parsed) ? parsed : throw Problems.InvalidDigest();
            var (id, link) = await links.CreateAsync(caller, content, cancellationToken);
            var document = new LinkDocument("/v1/links/" + id, link.ExpiresAt);
            request.HttpContext.Response.Headers.Location = document.Url;
            request.HttpContext.Response.Headers.CacheControl = "no-store";
            return Results.Json(document, JsonAnswer.Types.LinkDocument, statusCode: StatusCodes.Status201Created);
        });

    /// <summary><c>GET/HEAD /v1/links/{id}</c></summary>
    [Function("GetLink")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v1/links/{id}")] HttpRequest request,
        string id, FunctionContext context) =>
        api.RunAsync(context, async (_, cancellationToken) =>
        {
            var link = await links.FindAsync(id, cancellationToken);
            var caller = new Caller(link.Organization, Role.Downloader, link.CreatedBy) { Link = link.Name };
            var answer = await download.AnswerAsync(caller, link.Digest, request, Fields, cancellationToken);
            return new HeldResult(answer, ended => links.HoldAsync(link, ended));
        });

    /// <summary>Removes expired links every quarter of an hour.</summary>
    [Function("SweepLinks")]
    public Task SweepAsync([TimerTrigger("0 */15 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        links.SweepAsync(cancellationToken);

    /// <summary>Does something as long as an answer is being sent.</summary>
    private sealed class HeldResult(IResult answer, Func<CancellationToken, Task> hold) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using var ended = new CancellationTokenSource();
            var holding = hold(ended.Token);
            try
            {
                await answer.ExecuteAsync(httpContext);
            }
            finally
            {
                await ended.CancelAsync();
                await holding;
            }
        }
    }
}
