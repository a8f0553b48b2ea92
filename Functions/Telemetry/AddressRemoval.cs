using System.Diagnostics;
using OpenTelemetry;

namespace CasFunctions.Telemetry;

/// <summary>
/// Takes addresses out of spans before they are exported, but for the server's name: a path may be an upload session's or a registry's,
/// and a query may hold a signature.
/// </summary>
internal sealed class AddressRemoval : BaseProcessor<Activity>
{
    private static readonly string[] Addresses = ["url.full", "url.path", "url.query", "http.url", "http.target"];

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        foreach (var name in Addresses)
        {
            data.SetTag(name, null);
        }
    }
}
