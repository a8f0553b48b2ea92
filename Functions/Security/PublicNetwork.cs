using System.Net;
using System.Net.Sockets;

namespace CasFunctions.Security;

/// <summary>
/// Tells addresses of the public internet from all others, after the IANA special-purpose registries (RFC 6890 and its
/// updates).
/// </summary>
public static class PublicNetwork
{
    private static readonly IPNetwork[] SpecialIPv4 = Parse(
        "0.0.0.0/8",          // this network, RFC 791
        "10.0.0.0/8",         // private, RFC 1918
        "100.64.0.0/10",      // carrier-grade NAT, RFC 6598
        "127.0.0.0/8",        // loopback, RFC 1122
        "169.254.0.0/16",     // link-local, RFC 3927; the clouds' metadata services
        "172.16.0.0/12",      // private, RFC 1918
        "192.0.0.0/24",       // protocol assignments, RFC 6890
        "192.0.2.0/24",       // documentation, RFC 5737
        "192.88.99.0/24",     // 6to4 relays, RFC 7526
        "192.168.0.0/16",     // private, RFC 1918
        "198.18.0.0/15",      // benchmarks, RFC 2544
        "198.51.100.0/24",    // documentation, RFC 5737
        "203.0.113.0/24",     // documentation, RFC 5737
        "224.0.0.0/4",        // multicast, RFC 5771
        "240.0.0.0/4",        // reserved and broadcast, RFC 1112
        "168.63.129.16/32");  // Azure's wire server

    // Everything outside of global unicast is special: loopback, unique-local, link-local, site-local, multicast, IPv4-compatible.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] SpecialIPv6 = Parse(
        "2001::/23",          // protocol assignments, RFC 2928: Teredo, ORCHID, benchmarks
        "2001:db8::/32",      // documentation, RFC 3849
        "2002::/16",          // 6to4, RFC 7526: may wrap any IPv4 address
        "3fff::/20");         // documentation, RFC 9637

    // NAT64, RFC 6052: on networks with IPv6 alone, public IPv4 hosts are reached through it. Its last 32 bits are the IPv4 address.
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private static readonly IPAddress[] MetadataServices =
    [
        IPAddress.Parse("169.254.169.254"),  // Azure, AWS, Google, and most others
        IPAddress.Parse("168.63.129.16"),    // Azure, wire server
        IPAddress.Parse("100.100.100.200"),  // Alibaba
        IPAddress.Parse("192.0.0.192"),      // Oracle
        IPAddress.Parse("fd20:ce::254"),     // Google
        IPAddress.Parse("fe80::a9fe:a9fe"),  // OpenStack
    ];

    // Where clouds put what only a machine's own processes may ask: tokens of identities, credentials of containers, names.
    private static readonly IPNetwork[] MetadataNetworks =
    [
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("fd00:ec2::/32"),    // AWS
    ];

    /// <summary>
    /// The form in which an address is judged and connected to: IPv4-mapped addresses (RFC 4291) as IPv4, and without a zone.
    /// </summary>
    public static IPAddress Normalize(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());
    }

    /// <summary>True for an address of the public internet; <paramref name="address"/> is in normal form.</summary>
    public static bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !SpecialIPv4.Any(network => network.Contains(address)),
            AddressFamily.InterNetworkV6 when Nat64.Contains(address) => Contains(new IPAddress(address.GetAddressBytes().AsSpan(12))),
            AddressFamily.InterNetworkV6 => GlobalUnicast.Contains(address) && !SpecialIPv6.Any(network => network.Contains(address)),
            _ => false,
        };
    }

    /// <summary>
    /// True for a cloud's metadata service, which hands out credentials; <paramref name="address"/> is in normal form. An IPv6 address
    /// that ends in such an IPv4 address counts as well: some network may translate it (RFC 6052), whatever its prefix.
    /// </summary>
    public static bool IsMetadataService(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var embedded = address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress(address.GetAddressBytes().AsSpan(12))
            : address;
        return MetadataServices.Contains(address)
            || MetadataServices.Contains(embedded)
            || MetadataNetworks.Any(network => network.Contains(Nat64.Contains(address) ? embedded : address));
    }

    private static IPNetwork[] Parse(params ReadOnlySpan<string> networks)
    {
        var parsed = new IPNetwork[networks.Length];
        for (var i = 0; i < networks.Length; i++)
        {
            parsed[i] = IPNetwork.Parse(networks[i]);
        }

        return parsed;
    }
}
