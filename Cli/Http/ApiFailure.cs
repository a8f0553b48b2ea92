using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Http;

/// <summary>An answer of the API that is not a success, usually problem details (RFC 9457).</summary>
internal sealed class ApiFailure : Exception
{
    private ApiFailure(HttpStatusCode status, string message)
        : base(message) => Status = status;

    /// <summary>Its status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The service's word for the problem; null when something before the service answered.</summary>
    public string? Code { get; private init; }

    /// <summary>After how long a repeat makes sense, if the service said so.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Where the service says an upload stands.</summary>
    public long? UploadOffset { get; private init; }

    /// <summary>True when the same request may succeed later without anybody repairing something.</summary>
    public bool MayPass => Code is "content-corrupt" or "backend-failed" or "backend-rejected" or "credentials-unreadable"
        ? false
        : Status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)Status >= 500;

    private string? Hint { get; init; }

    /// <summary>Reads a failure.</summary>
    public static ApiFailure From(HttpResponseMessage response, byte[] body)
    {
        var problem = Parse(body);
        var detail = problem?.Text("detail") ?? problem?.Text("title") ?? $"The service answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        var trace = (int)response.StatusCode >= 500 && problem?.Text("traceId") is { } id ? $" (trace id {id})" : "";
        return new ApiFailure(response.StatusCode, detail + trace)
        {
            Code = problem?.Text("code"),
            Hint = problem?.Text("hint"),
            RetryAfter = response.Headers.RetryAfter?.Delta,
            UploadOffset = UploadFields.Offset(response),
        };
    }

    /// <summary>The answer is not one of this API.</summary>
    public static ApiFailure NotTheService() =>
        new(HttpStatusCode.BadGateway, "The answer is not one of this service's API.") { Hint = "Check the address: cas status" };

    /// <summary>No answer came.</summary>
    public static CliFailure Unreachable(Exception failure)
    {
        var cause = failure.GetBaseException();
        var reason = cause is SocketException socket ? socket.SocketErrorCode.ToString() : cause.Message;
        return new CliFailure(ExitCode.ServiceUnavailable, $"The service can't be reached: {reason}", "Check the address and the network: cas status");
    }

    /// <summary>The failure in words for the user.</summary>
    public CliFailure ToCliFailure() => new(Classify(), Message, Hint ?? Status switch
    {
        HttpStatusCode.Unauthorized => "Log in with a valid token: cas login, or set CAS_TOKEN.",
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => "Repeat the command later; repeating is always safe.",
        _ => null,
    });

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ExitCode Classify() => Status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCode.NotAuthorized,
        HttpStatusCode.NotFound or HttpStatusCode.Gone => ExitCode.NotFound,
        _ when Code is "digest-mismatch" or "size-mismatch" or "content-corrupt" => ExitCode.IntegrityFailure,
        _ when IsOfBackend(Code) => ExitCode.BackendUnavailable,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            => ExitCode.ServiceUnavailable,
        _ => ExitCode.Failed,
    };

    private static bool IsOfBackend(string? code) =>
        code is "upload-lost" or "credentials-unreadable" or "no-backend" || code?.StartsWith("backend-", StringComparison.Ordinal) == true;
}
