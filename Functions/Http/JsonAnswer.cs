using System.Text.Encodings.Web;
using System.Text.Json;

namespace CasFunctions.Http;

/// <summary>How the API writes the JSON of its answers, problems included.</summary>
public static class JsonAnswer
{
    /// <summary>
    /// The documents to answer with. Characters that are special to HTML alone, such as <c>+</c> and <c>'</c>, stay as they are: an answer
    /// says that it is JSON, and <c>nosniff</c>, so that no browser takes it for a page.
    /// </summary>
    public static ApiJson Types { get; } =
        new(new JsonSerializerOptions(ApiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
