using System.Net;
using System.Text.Json;

namespace CasFunctions.Tests.Http;

/// <summary>An answer of the API, read whole.</summary>
/// <param name="Status">The status.</param>
/// <param name="Message">The answer's header.</param>
/// <param name="Body">The answer's body.</param>
public sealed record ApiReply(HttpStatusCode Status, HttpResponseMessage Message, byte[] Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>A text member of the body; null when it is absent.</summary>
    public string? this[string member] => Json.TryGetProperty(member, out var value) ? value.ToString() : null;

    /// <summary>The problem's code.</summary>
    public string? Code => this["code"];

    /// <summary>Fails the test when the status is another.</summary>
    public ApiReply Expect(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {(int)status}, got {(int)Status}: {System.Text.Encoding.UTF8.GetString(Body)}");
        return this;
    }

    /// <summary>Fails the test when the answer isn't this problem, told as problem details with all that they need.</summary>
    public ApiReply ExpectProblem(HttpStatusCode status, string code)
    {
        Expect(status);
        Assert.Equal("application/problem+json", Message.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, Code);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        Assert.All(new[] { "type", "title", "detail", "traceId" }, member => Assert.False(string.IsNullOrEmpty(this[member])));
        return this;
    }

    internal static async Task<ApiReply> ReadAsync(HttpResponseMessage message, CancellationToken cancellationToken) =>
        new(message.StatusCode, message, await message.Content.ReadAsByteArrayAsync(cancellationToken));
}
