using System.Diagnostics;
using System.Globalization;
using CasFunctions.Providers;
using CasFunctions.Secrets;
using CasFunctions.Security;
using CasFunctions.Storage;
using CasFunctions.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Http;

/// <summary>
/// The way every HTTP function takes: it authenticates, authorizes by <see cref="AccessRules"/>, runs the function's logic and
/// turns every failure into problem details, all of it within the span of the request.
/// </summary>
public sealed partial class ApiEndpoint(Authenticator authenticator, CasMetrics metrics, ILogger<ApiEndpoint> logger)
{
    /// <summary>Runs one function.</summary>
    /// <param name="context">The invocation, whose function name decides who may call.</param>
    /// <param name="action">The logic. Its token ends with the client's connection and with the host.</param>
    public async Task<IResult> RunAsync(FunctionContext context, Func<Caller, CancellationToken, Task<IResult>> action)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(action);
        var http = context.GetHttpContext() ?? throw new InvalidOperationException("An HTTP function was called without an HTTP request.");
        http.Response.Headers["X-Content-Type-Options"] = "nosniff";
        var activity = CasTraces.StartRequest(context, http.Request);
        return new ObservedResult(await AnswerAsync(context, http, activity, action), activity);
    }

    private async Task<IResult> AnswerAsync(
        FunctionContext context, HttpContext http, Activity activity, Func<Caller, CancellationToken, Task<IResult>> action)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, http.RequestAborted);
        try
        {
            var caller = await authenticator.AuthorizeAsync(http.Request, AccessRules.For(context.FunctionDefinition.Name), linked.Token);
            activity.SetTag("cas.organization", caller.Organization.Length == 0 ? null : caller.Organization);
            return await action(caller, linked.Token);
        }
        catch (ProblemException problem)
        {
            return Answer(problem);
        }
        catch (ProviderException failure)
        {
            LogBackendFailed(logger, failure.Kind, failure);
            return Answer(BackendProblem.From(failure));
        }
        catch (SecretStoreException failure)
        {
            LogSecretFailed(logger, failure.Kind, failure);
            return Answer(BackendProblem.From(failure));
        }
        catch (Exception failure) when (
            http.RequestAborted.IsCancellationRequested && failure is OperationCanceledException or IOException or BadHttpRequestException)
        {
            return Results.Empty;
        }
        catch (BadHttpRequestException failure)
        {
            return Answer(new ProblemException(
                failure.StatusCode,
                "invalid-request",
                "The request is not valid",
                "The request's body could not be read: it broke off or is malformed."));
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            return Answer(new ProblemException(503, "stopping", "The service is stopping", "This instance is shutting down.")
            {
                RetryAfter = TimeSpan.FromSeconds(2),
            });
        }
        catch (Exception failure) when (AppStorage.IsUnavailable(failure))
        {
            LogStorageFailed(logger, failure);
            return Answer(new ProblemException(
                503, "storage-unavailable", "The service's own storage is unavailable", "The service can't reach its tables at the moment.")
            {
                RetryAfter = TimeSpan.FromSeconds(5),
                Hint = "Repeat the request; repeating is always safe.",
            });
        }
        catch (Exception failure)
        {
            LogFailed(logger, context.FunctionDefinition.Name, activity.TraceId.ToString(), failure);
            return Answer(new ProblemException(
                500, "internal-error", "Internal error", "The service failed. The trace id leads to the log entry."));
        }
    }

    private ProblemResult Answer(ProblemException problem)
    {
        metrics.Answered(problem);
        var activity = Activity.Current!;
        activity.SetTag("cas.problem.code", problem.Code);
        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            activity.SetTag("error.type", problem.Code);
        }

        return new ProblemResult(problem, activity.TraceId.ToString());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A backend failed: {Kind}")]
    private static partial void LogBackendFailed(ILogger logger, ProviderErrorKind kind, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The secret store failed: {Kind}")]
    private static partial void LogSecretFailed(ILogger logger, SecretStoreErrorKind kind, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The service's own storage failed")]
    private static partial void LogStorageFailed(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Function {Function} failed, trace id {TraceId}")]
    private static partial void LogFailed(ILogger logger, string function, string traceId, Exception failure);

    /// <summary>Writes a problem as <c>application/problem+json</c>.</summary>
    private sealed class ProblemResult(ProblemException problem, string traceId) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            if (response.HasStarted)
            {
                httpContext.Abort();
                return Task.CompletedTask;
            }

            foreach (var (name, value) in problem.Headers)
            {
                response.Headers[name] = value;
            }

            if (problem.RetryAfter is { } pause)
            {
                response.Headers.RetryAfter = Math.Ceiling(pause.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            response.Headers.CacheControl = "no-store";
            response.StatusCode = problem.Status;
            var document = new ProblemDocument
            {
                Type = problem.Type ?? "about:blank",
                Title = problem.Title,
                Status = problem.Status,
                Detail = problem.Message,
                Code = problem.Code,
                Hint = problem.Hint,
                TraceId = traceId,
                Members = problem.Members.ToDictionary(m => m.Key, m => (object)m.Value, StringComparer.Ordinal),
            };
            return HttpMethods.IsHead(httpContext.Request.Method)
                ? Task.CompletedTask
                : response.WriteAsJsonAsync(
                    document, JsonAnswer.Types.ProblemDocument, "application/problem+json", httpContext.RequestAborted);
        }
    }
}
