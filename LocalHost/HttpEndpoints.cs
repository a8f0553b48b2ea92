using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CasFunctions.LocalHost;

/// <summary>Puts functions behind ASP.NET Core's routing and answers as the Functions host does where the two differ.</summary>
internal static partial class HttpEndpoints
{
    private static readonly string[] ProxyMarks = ["Origin", "Forwarded", "X-Forwarded-For"];

    public static void Map(WebApplication app, FunctionCatalog catalog)
    {
        app.Use(AnswerNotFound);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("LocalHost");
        foreach (var function in catalog.Http)
        {
            var endpoint = app.Map(function.Route, http => RunAsync(function, http, app.Lifetime, logger))
                .WithDisplayName(function.Definition.Name)
                .WithMetadata(OwnEndpoint.Mark);
            if (function.Methods.Count > 0)
            {
                endpoint.WithMetadata(new HttpMethodMetadata(function.Methods));
            }
        }

        var timers = app.Services.GetRequiredService<TimerService>();
        app.MapPost("/admin/functions/{name}", http =>
        {
            var runs = IsFromThisMachine(http) && timers.RunNow((string)http.GetRouteValue("name")!);
            http.Response.StatusCode = runs ? StatusCodes.Status202Accepted : StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }).WithMetadata(OwnEndpoint.Mark);
    }

    /// <summary>
    /// The Functions host knows no 405: a wrong method is a 404. ASP.NET Core's routing answers it by an endpoint of its own, the
    /// only one without our mark. An empty segment inside the path is a 404 too, which a catch-all route would accept here.
    /// </summary>
    private static Task AnswerNotFound(HttpContext http, RequestDelegate next)
    {
        var known = http.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<OwnEndpoint>() is not null;
        if (known && http.Request.Path.Value?.Contains("//", StringComparison.Ordinal) != true)
        {
            return next(http);
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static async Task RunAsync(HttpFunction function, HttpContext http, IHostApplicationLifetime lifetime, ILogger logger)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var context = new LocalFunctionContext(function, http.RequestServices, http, cancellation.Token);
        try
        {
            var result = await function.InvokeAsync(new Invocation(context, http, Timer: null));
            await FunctionResult.WriteAsync(result, http);
        }
        catch (Exception e)
        {
            // Kestrel reports a lost connection to a pending read before it cancels RequestAborted.
            if (http.RequestAborted.IsCancellationRequested || e is BadHttpRequestException or ConnectionResetException)
            {
                LogEndedByCaller(logger, function.Definition.Name, context.InvocationId, e.Message);
            }
            else
            {
                LogFailed(logger, e, function.Definition.Name, context.InvocationId);
            }

            Fail(http);
        }
    }

    /// <summary>The Functions host answers every failure with an empty 500, a body over the size limit included.</summary>
    private static void Fail(HttpContext http)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
    }

    /// <summary>Neither a browser page nor a proxy on this machine counts as its user.</summary>
    private static bool IsFromThisMachine(HttpContext http) =>
        (http.Connection.RemoteIpAddress is not { } caller || IPAddress.IsLoopback(caller))
        && !ProxyMarks.Any(http.Request.Headers.ContainsKey);

    [LoggerMessage(LogLevel.Information, "{Function} ({Invocation}) was ended by its caller: {Reason}")]
    private static partial void LogEndedByCaller(ILogger logger, string function, string invocation, string reason);

    [LoggerMessage(LogLevel.Error, "{Function} ({Invocation}) failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string function, string invocation);

    /// <summary>Tells this host's endpoints from those that routing makes up.</summary>
    private sealed class OwnEndpoint
    {
        public static readonly OwnEndpoint Mark = new();
    }
}
