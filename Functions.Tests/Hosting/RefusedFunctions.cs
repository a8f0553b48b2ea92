using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CasFunctions.Tests.Hosting;

/// <summary>Functions that no host of ours can run, a class for each.</summary>
internal static class RefusedFunctions
{
    internal static class Bound
    {
        [Function("f")]
        public static void Run([HttpTrigger("get")] HttpRequest request, Stream body) => body.Dispose();
    }

    internal static class Query
    {
        [Function("f")]
        public static void Run([HttpTrigger("get")] HttpRequest request, int page) => request.HttpContext.Items[page] = page;
    }

    internal static class RouteType
    {
        [Function("f")]
        public static void Run([HttpTrigger("get", Route = "f/{at}")] HttpRequest request, DateTime at) => request.HttpContext.Items[at] = at;
    }

    internal static class OptionalValue
    {
        [Function("f")]
        public static void Run([HttpTrigger("get", Route = "f/{n?}")] HttpRequest request, int n) => request.HttpContext.Items[n] = n;
    }

    internal static class Body
    {
        [Function("f")]
        public static void Run([HttpTrigger("post")] string body) => ArgumentNullException.ThrowIfNull(body);
    }

    internal static class Text
    {
        [Function("f")]
        public static Task<string> Run([HttpTrigger("get")] HttpRequest request) => Task.FromResult(request.Method);
    }

    internal static class TimerResult
    {
        [Function("f")]
        public static IResult Run([TimerTrigger("0 * * * * *")] TimerInfo timer) => Results.Ok(timer);
    }

    internal static class Route
    {
        [Function("f")]
        public static void Run([HttpTrigger("get", Route = "f/{a")] HttpRequest request) => ArgumentNullException.ThrowIfNull(request);
    }

    internal static class FiveFields
    {
        [Function("f")]
        public static void Run([TimerTrigger("*/5 * * * *")] TimerInfo timer) => ArgumentNullException.ThrowIfNull(timer);
    }

    internal static class UnsetSchedule
    {
        [Function("f")]
        public static void Run([TimerTrigger("%NoSuchSetting%")] TimerInfo timer) => ArgumentNullException.ThrowIfNull(timer);
    }

    internal static class NoTrigger
    {
        [Function("f")]
        public static void Run(HttpRequest request) => ArgumentNullException.ThrowIfNull(request);
    }

    internal static class NotPublic
    {
        [Function("f")]
        internal static void Run([HttpTrigger("get")] HttpRequest request) => ArgumentNullException.ThrowIfNull(request);
    }

    internal static class Name
    {
        [Function("1 f")]
        public static void Run([HttpTrigger("get")] HttpRequest request) => ArgumentNullException.ThrowIfNull(request);
    }

    internal static class Twice
    {
        [Function("f")]
        public static void Run([HttpTrigger("get")] HttpRequest request) => ArgumentNullException.ThrowIfNull(request);

        [Function("F")]
        public static void RunToo([HttpTrigger("put")] HttpRequest request) => ArgumentNullException.ThrowIfNull(request);
    }
}
