using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CasFunctions.Digests;
using CasFunctions.Tests.Services;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Fakes;

/// <summary>What a registry was asked.</summary>
public sealed record RegistryRequest(string Method, string Path, string Query, string? Authorization, long? ContentLength);

/// <summary>
/// A registry in memory with the habits of real ones that the registry of the distribution project lacks. As it comes it behaves
/// well, takes only the first PATCH of an upload (as some hosted registries do), and asks for no credentials.
/// </summary>
public sealed class FakeRegistry : IAsyncDisposable
{
    public const string Username = "ci";
    public const string Password = "correct horse";

    private readonly ConcurrentDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte[]> _manifests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte[]> _uploads = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<RegistryRequest> _requests = new();
    private LoopbackServer? _server;
    private int _issued;

    private FakeRegistry()
    {
    }

    public Uri Address => _server!.Address;

    /// <summary>All requests so far, in order; those to the token server (<c>/token</c>) included.</summary>
    public IReadOnlyCollection<RegistryRequest> Requests => _requests;

    public ConcurrentDictionary<string, byte[]> Blobs => _blobs;

    public ConcurrentDictionary<string, byte[]> Manifests => _manifests;

    /// <summary>Uploads that are open.</summary>
    public ICollection<string> Uploads => _uploads.Keys;

    /// <summary>Asked first; answers true when it has dealt with the request.</summary>
    public Func<HttpContext, Task<bool>>? Before { get; set; }

    /// <summary>Where tokens are to be had; null asks for none.</summary>
    public string? Realm { get; set; }

    /// <summary>The body of the token server's answer, made from a new token.</summary>
    public Func<string, string> TokenAnswer { get; set; } = token => $$"""{"token":"{{token}}","expires_in":300}""";

    /// <summary>What is left of the scope that was asked for.</summary>
    public Func<string, string> Granted { get; set; } = scope => scope;

    public int PatchStatus { get; set; } = StatusCodes.Status202Accepted;

    /// <summary>The <c>Location</c> of an upload, made from its id; null for none in PATCH's answer.</summary>
    public Func<string, string?> Location { get; set; } = id => $"/v2/uploads/{id}";

    public Func<string, string?>? PatchLocation { get; set; }

    public bool IgnoresRanges { get; set; }

    /// <summary>How many segments a repository's name must have, as at Docker Hub and Google's registry; null for any number.</summary>
    public int? NameSegments { get; set; }

    /// <summary>Where blobs are redirected to, made from the digest.</summary>
    public Func<string, string>? BlobRedirect { get; set; }

    public static async Task<FakeRegistry> StartAsync()
    {
        var registry = new FakeRegistry();
        registry._server = await LoopbackServer.StartAsync(certificate: null, registry.AnswerAsync);
        return registry;
    }

    /// <summary>Asks for tokens of its own token server from now on.</summary>
    public FakeRegistry WithTokens()
    {
        Realm = new Uri(Address, "/token?account=1").ToString();
        return this;
    }

    /// <summary>Knows nothing of an upload any more.</summary>
    public void Forget(string upload) => _uploads.TryRemove(upload, out _);

    /// <summary>Makes all tokens given so far worthless.</summary>
    public void RevokeTokens() => _tokens.Clear();

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Answers with an error of the distribution specification.</summary>
    public static Task FailAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(
            $$"""{"errors":[{"code":"{{code}}","message":"secret text of a stranger","detail":{} }]}""", context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var authorization = request.Headers.Authorization.ToString();
        _requests.Enqueue(new RegistryRequest(
            request.Method,
            request.Path.Value!,
            request.QueryString.Value ?? "",
            authorization.Length == 0 ? null : authorization,
            request.ContentLength));
        if (Before is not null && await Before(context))
        {
            return;
        }

        var path = request.Path.Value!;
        var last = path[(path.LastIndexOf('/') + 1)..];
        if (path == "/token")
        {
            await GiveTokenAsync(context, authorization);
        }
        else if (Realm is not null && !IsAllowed(request.Method, authorization, out var challenge))
        {
            context.Response.Headers.WWWAuthenticate = challenge;
            await FailAsync(context, StatusCodes.Status401Unauthorized, "UNAUTHORIZED");
        }
        else if (path == "/v2/")
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
        }
        else if (NameSegments is { } segments && SegmentsOf(path) is { } given && given != segments)
        {
            await FailAsync(context, StatusCodes.Status404NotFound, "NAME_UNKNOWN");
        }
        else if (path.Contains("/manifests/", StringComparison.Ordinal))
        {
            await ServeManifestAsync(context, last);
        }
        else if (path.Contains("/blobs/sha256:", StringComparison.Ordinal))
        {
            await ServeBlobAsync(context, last);
        }
        else
        {
            await ServeUploadAsync(context, last);
        }
    }

    // Null for addresses that name no repository, such as those of uploads.
    private static int? SegmentsOf(string path)
    {
        var end = path.LastIndexOf(path.Contains("/manifests/", StringComparison.Ordinal) ? "/manifests/" : "/blobs/", StringComparison.Ordinal);
        return end < 0 ? null : path["/v2/".Length..end].Split('/').Length;
    }

    private async Task GiveTokenAsync(HttpContext context, string authorization)
    {
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}"));
        if (authorization != expected)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var token = $"token-{Interlocked.Increment(ref _issued).ToString(CultureInfo.InvariantCulture)}";
        _tokens[token] = Granted(context.Request.Query["scope"].ToString());
        await context.Response.WriteAsync(TokenAnswer(token), context.RequestAborted);
    }

    private bool IsAllowed(string method, string authorization, out string challenge)
    {
        challenge = $"Bearer realm=\"{Realm}\",service=\"fake\"";
        if (!authorization.StartsWith("Bearer ", StringComparison.Ordinal) || !_tokens.TryGetValue(authorization[7..], out var scope))
        {
            return false;
        }

        challenge += ",error=\"insufficient_scope\"";
        var action = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? "pull" : HttpMethods.IsDelete(method) ? "delete" : "push";
        return scope[(scope.LastIndexOf(':') + 1)..].Split(',').Contains(action, StringComparer.Ordinal);
    }

    private async Task ServeManifestAsync(HttpContext context, string tag)
    {
        if (HttpMethods.IsPut(context.Request.Method))
        {
            var manifest = await ReadAsync(context);
            if (!_blobs.ContainsKey("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"))
            {
                await FailAsync(context, StatusCodes.Status400BadRequest, "MANIFEST_BLOB_UNKNOWN");
                return;
            }

            _manifests[tag] = manifest;
            context.Response.StatusCode = StatusCodes.Status201Created;
        }
        else if (_manifests.TryGetValue(tag, out var manifest))
        {
            await context.Response.Body.WriteAsync(manifest, context.RequestAborted);
        }
        else
        {
            await FailAsync(context, StatusCodes.Status404NotFound, "MANIFEST_UNKNOWN");
        }
    }

    private async Task ServeBlobAsync(HttpContext context, string digest)
    {
        if (!_blobs.TryGetValue(digest, out var blob))
        {
            await FailAsync(context, StatusCodes.Status404NotFound, "BLOB_UNKNOWN");
        }
        else if (BlobRedirect is not null)
        {
            context.Response.Redirect(BlobRedirect(digest), permanent: false, preserveMethod: true);
        }
        else if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.ContentLength = blob.Length;
        }
        else if (!IgnoresRanges && context.Request.GetTypedHeaders().Range?.Ranges.Single() is { } range)
        {
            var from = (int)range.From!.Value;
            var to = (int)Math.Min(range.To!.Value, blob.Length - 1);
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{blob.Length}");
            await context.Response.Body.WriteAsync(blob.AsMemory(from, to - from + 1), context.RequestAborted);
        }
        else
        {
            await context.Response.Body.WriteAsync(blob, context.RequestAborted);
        }
    }

    private async Task ServeUploadAsync(HttpContext context, string id)
    {
        switch (context.Request.Method)
        {
            case "POST":
                id = Guid.NewGuid().ToString("n");
                _uploads[id] = [];
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                context.Response.Headers.Location = Location(id);
                break;
            case "PATCH":
                var body = await ReadAsync(context);
                _uploads[id] = _uploads.GetValueOrDefault(id) is { Length: > 0 } first ? first : body;
                context.Response.StatusCode = PatchStatus;
                context.Response.Headers.Location = (PatchLocation ?? Location)(id);
                break;
            case "PUT" when _uploads.TryRemove(id, out var content):
                var digest = context.Request.Query["digest"].ToString();
                if (digest != Sha256Digest.Of(content).ToString())
                {
                    await FailAsync(context, StatusCodes.Status400BadRequest, "DIGEST_INVALID");
                    break;
                }

                _blobs[digest] = content;
                context.Response.StatusCode = StatusCodes.Status201Created;
                break;
            case "DELETE" when _uploads.TryRemove(id, out _):
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            default:
                await FailAsync(context, StatusCodes.Status404NotFound, "BLOB_UPLOAD_UNKNOWN");
                break;
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }
}
