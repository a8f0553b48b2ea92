using System.Net;
using System.Text.Json;

namespace CasFunctions.Cli.Http;

/// <summary>An answer of the API, read whole.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">Its body, byte for byte.</param>
internal sealed record ApiAnswer(HttpStatusCode Status, byte[] Body)
{
    /// <summary>The body as JSON.</summary>
    /// <exception cref="ApiFailure">It isn't JSON: whatever answered is not the service.</exception>
    public JsonElement Json
    {
        get
        {
            try
            {
                using var document = JsonDocument.Parse(Body);
                return document.RootElement.Clone();
            }
            catch (JsonException)
            {
                throw ApiFailure.NotTheService();
            }
        }
    }
}
