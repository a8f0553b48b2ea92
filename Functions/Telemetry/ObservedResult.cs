using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Telemetry;

/// <summary>Writes a result within the span of its request, and ends the span with it: much of a download happens here.</summary>
internal sealed class ObservedResult(IResult result, Activity activity) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        Activity.Current = activity;
        try
        {
            await result.ExecuteAsync(httpContext);
        }
        finally
        {
            CasTraces.EndRequest(activity, httpContext.Response.StatusCode);
        }
    }
}
