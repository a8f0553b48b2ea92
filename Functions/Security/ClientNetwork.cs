using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Security;

/// <summary>
/// The network that a request comes from: the first 24 bits of an IPv4 address, the first 64 of an IPv6 address, which is what one customer
/// of a provider commonly has.
/// </summary>
public static class ClientNetwork
{
    private const string ForwardedFor = "X-Forwarded-For";

    /// <summary>Reads a request's network.</summary>
    /// <param name="request">The request.</param>
    /// <param name="forwardedHops">See <see cref="AuthenticationLimitOptions.ForwardedHops"/>.</param>
    /// <returns>The network. Where the header does not tell the address, that of the connection counts.</returns>
    public static IPNetwork Of(HttpRequest request, int forwardedHops)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Of(Forwarded(request, forwardedHops) ?? request.HttpContext.Connection.RemoteIpAddress ?? IPAddress.None);
    }

    private static IPAddress? Forwarded(HttpRequest request, int hops)
    {
        if (hops == 0)
        {
            return null;
        }

        // Several fields of this name are one list. Only its end is written by those we trust.
        var entries = request.Headers[ForwardedFor].ToString().Split(',', StringSplitOptions.TrimEntries);

        // Azure writes the port behind the address.
        return entries.Length >= hops && IPEndPoint.TryParse(entries[^hops], out var client) ? client.Address : null;
    }

    private static IPNetwork Of(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = plain.GetAddressBytes();
        var length = plain.AddressFamily == AddressFamily.InterNetwork ? 24 : 64;
        bytes.AsSpan(length / 8).Clear();
        return new IPNetwork(new IPAddress(bytes), length);
    }
}
