using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Telemetry;

/// <summary>
/// The spans of the service. That of a request names the function's route and never the path, which may be an upload session's: a
/// capability. The framework's own spans of requests are not used, since they have the path, and since the Functions host runs functions
/// outside of them.
/// </summary>
internal static class CasTraces
{
    /// <summary>The name of the source, as an <see cref="ActivityListener"/> asks for it.</summary>
    public const string SourceName = "CasFunctions";

    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>
    /// Begins the span of a request as a child of the caller's, or of the Functions host's. Where nobody records it, it still has the trace
    /// id that answers and log entries name, and that calls to stores carry on.
    /// </summary>
    /// <param name="function">The invocation.</param>
    /// <param name="request">The request.</param>
    public static Activity StartRequest(FunctionContext function, HttpRequest request)
    {
        _ = ActivityContext.TryParse(function.TraceContext.TraceParent, function.TraceContext.TraceState, isRemote: true, out var parent);
        Activity.Current = null;
        var route = (request.HttpContext.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimStart('/');
        var method = MethodOf(request);
        var name = route is null ? method : $"{method} /{route}";
        if (Source.StartActivity(name, ActivityKind.Server, parent) is { } recorded)
        {
            recorded.SetTag("http.request.method", method);
            recorded.SetTag("http.route", route is null ? null : "/" + route);
            recorded.SetTag("url.scheme", request.Scheme);
            recorded.SetTag("faas.name", function.FunctionDefinition.Name);
            return recorded;
        }

        var unrecorded = new Activity(name);
        if (parent != default)
        {
            unrecorded.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        }

        return unrecorded.Start();
    }

    /// <summary>Ends the span of a request.</summary>
    public static void EndRequest(Activity activity, int status)
    {
        activity.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }

        activity.Stop();
    }

    /// <summary>The method, or what stands for all that no function takes: a client may write anything.</summary>
    private static string MethodOf(HttpRequest request) =>
        request.Method is "GET" or "HEAD" or "PUT" or "POST" or "PATCH" or "DELETE" or "OPTIONS" ? request.Method : "_OTHER";
}
