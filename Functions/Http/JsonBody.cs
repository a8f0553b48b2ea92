using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Http;

/// <summary>Reads small JSON requests.</summary>
public static class JsonBody
{
    /// <summary>Largest JSON request in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>
    /// Reads a JSON object. Unknown members are refused, so that a misspelt one is not silently ignored.
    /// </summary>
    /// <exception cref="ProblemException">The body is not such an object, or too large.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(request);
        var buffer = new MemoryStream();
        var chunk = new byte[4096];
        int count;
        while ((count = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            buffer.Write(chunk, 0, count);
            if (buffer.Length > MaxBytes)
            {
                throw Problems.TooLarge(MaxBytes, "A JSON request has at most 64 KiB.", "Send content to an upload session, not in JSON.");
            }
        }

        try
        {
            return JsonSerializer.Deserialize(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), type)
                ?? throw Problems.InvalidRequest("$", "The body must be a JSON object.");
        }
        catch (JsonException failure)
        {
            throw Problems.InvalidRequest(failure.Path ?? "$", buffer.Length == 0 ? "The body must be a JSON object; it is empty." : Describe(failure));
        }
    }

    private static string Describe(JsonException failure) =>
        failure.Message.Contains("could not be mapped", StringComparison.Ordinal)
            ? $"Unknown member at {failure.Path}."
            : $"The body is not the JSON that this call takes: check {failure.Path ?? "$"}.";
}
