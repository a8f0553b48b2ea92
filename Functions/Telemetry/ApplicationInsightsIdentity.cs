using Azure.Core;
using Azure.Identity;

namespace CasFunctions.Telemetry;

/// <summary>
/// Reads <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c>, which tells the Functions host with which identity to send telemetry:
/// <c>Authorization=AAD</c>, and <c>ClientId=…</c> before it for a user-assigned one.
/// </summary>
internal static class ApplicationInsightsIdentity
{
    /// <summary>The identity; null when none is named and the connection string is enough.</summary>
    public static TokenCredential? Read(string? setting)
    {
        var parts = (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .Where(part => part.Length == 2)
            .ToLookup(part => part[0], part => part[1], StringComparer.OrdinalIgnoreCase);
        if (!parts["Authorization"].Contains("AAD", StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        return new ManagedIdentityCredential(
            parts["ClientId"].FirstOrDefault() is { Length: > 0 } client
                ? ManagedIdentityId.FromUserAssignedClientId(client)
                : ManagedIdentityId.SystemAssigned);
    }
}
