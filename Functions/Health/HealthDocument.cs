using System.Text.Json.Serialization;

namespace CasFunctions.Health;

/// <summary>The service's state as <c>GET /v1/health</c> shows it. It names no addresses, accounts or reasons: anybody may ask.</summary>
/// <param name="Status">The whole: unavailable when the tables are, degraded when anything else is.</param>
/// <param name="Checks">
/// Each thing that the service needs: <c>tables</c>, <c>blobs</c> (where unfinished uploads are parked), <c>secrets</c>, <c>mail</c>,
/// <c>uploadMemory</c>.
/// </param>
public sealed record HealthDocument(HealthState Status, IReadOnlyDictionary<string, HealthState> Checks);

/// <summary>States of the service and of what it needs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HealthState>))]
public enum HealthState
{
    /// <summary>All is well.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Works, but not for everything.</summary>
    [JsonStringEnumMemberName("degraded")]
    Degraded,

    /// <summary>Does not work: another instance may do better.</summary>
    [JsonStringEnumMemberName("unavailable")]
    Unavailable,

    /// <summary>Not set up, which the operator may want.</summary>
    [JsonStringEnumMemberName("off")]
    Off,
}
