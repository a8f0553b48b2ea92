using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Tests.Hosting;

/// <summary>Functions that answer with what they were given.</summary>
internal static class RouteFunctions
{
    public const string Constant = "constant/{NAME}";

    [Function("default-route")]
    public static IResult DefaultRoute([HttpTrigger("get")] HttpRequest request) => Results.Text(request.Method);

    [Function("route-value")]
    public static IResult RouteValue([HttpTrigger("get", Route = Constant)] HttpRequest request, string name) => Results.Text(name);

    [Function("typed")]
    public static IResult Typed(
        [HttpTrigger("get", Route = "typed/{n:long}/{i}/{id}/{flag}")] HttpRequest request, long n, int i, Guid id, bool? flag) =>
        Results.Text(FormattableString.Invariant($"{n} {i} {id} {flag}"));

    [Function("optional")]
    public static IResult Optional([HttpTrigger("get", Route = "optional/{a}/{b?}")] HttpRequest request, string a, int? b) =>
        Results.Text(b is null ? $"{a} none" : FormattableString.Invariant($"{a} {b}"));

    [Function("rest")]
    public static IResult Rest([HttpTrigger("get", Route = "rest/{*rest}")] HttpRequest request, string rest) => Results.Text(rest);

    [Function("query")]
    public static IResult Query([HttpTrigger("get", Route = "query")] HttpRequest request, string? after, string limit = "100") =>
        Results.Text($"{after ?? "none"} {limit}");

    [Function("same-path-get")]
    public static IResult SamePathGet([HttpTrigger("get", Route = "same")] HttpRequest request) => Results.Text("read");

    [Function("same-path-put")]
    public static IResult SamePathPut([HttpTrigger("PUT", Route = "same")] HttpRequest request) => Results.Text("written");

    [Function("any-method")]
    public static IResult AnyMethod([HttpTrigger(Route = "any")] HttpRequest request) => Results.Text(request.Method);
}

/// <summary>One function for each kind of result.</summary>
internal sealed class ResultFunctions(TimeProvider time)
{
    [Function("action")]
    public IActionResult Action([HttpTrigger("get")] HttpRequest request) =>
        new ObjectResult(new { year = time.GetUtcNow().Year }) { StatusCode = 202 };

    [Function("task-of-result")]
    public async Task<IResult> TaskOfResult([HttpTrigger("get")] HttpRequest request)
    {
        await Task.Yield();
        return Results.Text("task");
    }

    [Function("value-task-of-result")]
    public async ValueTask<IResult> ValueTaskOfResult([HttpTrigger("get")] HttpRequest request)
    {
        await Task.Yield();
        return Results.Text("value task");
    }

    [Function("task-of-action")]
    public Task<IActionResult> TaskOfAction([HttpTrigger("get")] HttpContext http) =>
        Task.FromResult<IActionResult>(new ContentResult { Content = "action" });

    [Function("task")]
    public Task Write([HttpTrigger("get")] HttpContext http) => http.Response.WriteAsync("written");

    [Function("value-task")]
    public async ValueTask WriteLater([HttpTrigger("get")] HttpContext http) => await http.Response.WriteAsync("written later");

    [Function("nothing")]
    public void Nothing([HttpTrigger("get")] HttpRequest request) => request.HttpContext.Response.StatusCode = 204;

    [Function("failure")]
    public IResult Failure([HttpTrigger("get")] HttpRequest request)
    {
        request.HttpContext.Response.Headers["X-Leftover"] = "1";
        throw new InvalidOperationException("secret detail");
    }
}
