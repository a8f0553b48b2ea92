using CasFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;

namespace CasFunctions.Console;

/// <summary>Serves the web console. It is a client of the public API like any other: what it may do its user's token says.</summary>
public sealed class ConsoleFunctions(ApiEndpoint api, ConsoleFiles files)
{
    private const string Address = "/ui";

    /// <summary>
    /// What the page's browser is told to refuse: any script, style or connection that is not from here, text that turns into markup or
    /// script, frames, forms, and other windows' access.
    /// </summary>
    private static readonly (string Name, string Value)[] Fields =
    [
        ("Content-Security-Policy", string.Join(
            "; ",
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types cas-worker")),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("Referrer-Policy", "no-referrer"),
    ];

    /// <summary><c>GET/HEAD /ui/…</c></summary>
    [Function("GetConsole")]
    public Task<IResult> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "ui/{*path}")] HttpRequest request, FunctionContext context) =>
        api.RunAsync(context, (_, _) => Task.FromResult(Answer(request)));

    private IResult Answer(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        if (path.Equals(Address, StringComparison.OrdinalIgnoreCase))
        {
            // Relative, so that it holds behind a proxy that serves the app below a path of its own.
            return Results.Redirect(Address[1..] + "/");
        }

        var file = files.Find(path[(Address.Length + 1)..]) ?? throw Problems.NotFound("page");
        var content = file.Choose(request.GetTypedHeaders().AcceptEncoding);
        var fields = request.HttpContext.Response.Headers;
        foreach (var (name, value) in Fields)
        {
            fields[name] = value;
        }

        fields.CacheControl = file.KeepsForEver ? "public, max-age=31536000, immutable" : "no-cache";
        fields.Vary = HeaderNames.AcceptEncoding;
        if (content.Coding is { } coding)
        {
            fields.ContentEncoding = coding;
        }

        return Results.Bytes(content.Bytes, file.MediaType, entityTag: new EntityTagHeaderValue(content.ETag));
    }
}
