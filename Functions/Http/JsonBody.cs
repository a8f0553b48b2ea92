using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Http;

/// <summary>Reads small JSON requests.</summary>
public sealed class JsonBody(TimeProvider time)
{
    /// <summary>Largest JSON request in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The time in which the whole of a JSON request has to arrive.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Reads a JSON object. Unknown members are refused, so that a misspelt one is not silently ignored.
    /// </summary>
    /// <exception cref="ProblemException">The body is not such an object, too large, or too slow.</exception>
    public async Task<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(request);
        var buffer = await ReadWholeAsync(request, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), type)
                ?? throw Problems.InvalidRequest("$", "The body must be a JSON object.");
        }
        catch (JsonException failure)
        {
            throw Problems.InvalidRequest(
                failure.Path ?? "$", buffer.Length == 0 ? "The body must be a JSON object; it is empty." : Describe(failure));
        }
    }

    private async Task<MemoryStream> ReadWholeAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(MaxTime, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var buffer = new MemoryStream();
        var chunk = new byte[4096];
        int count;
        try
        {
            while ((count = await request.Body.ReadAsync(chunk, ended.Token)) > 0)
            {
                buffer.Write(chunk, 0, count);
                if (buffer.Length > MaxBytes)
                {
                    throw Problems.TooLarge(
                        MaxBytes, "A JSON request has at most 64 KiB.", "Send content to an upload session, not in JSON.");
                }
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ProblemException(408, "stalled", "The request does not arrive", "The JSON did not arrive whole in 30 seconds.")
            {
                Hint = "Repeat the request. Nothing was changed.",
            };
        }

        return buffer;
    }

    private static string Describe(JsonException failure) =>
        failure.Message.Contains("could not be mapped", StringComparison.Ordinal)
            ? $"Unknown member at {failure.Path}."
            : $"The body is not the JSON that this call takes: check {failure.Path ?? "$"}.";
}
