using System.Net;

namespace CasFunctions.Security;

/// <summary>Judges addresses by what is public and what the operator allows.</summary>
internal sealed class OutboundPolicy
{
    private readonly IPNetwork[] _networks;
    private readonly HashSet<int> _ports;
    private readonly HashSet<string> _plainHttpHosts;

    /// <exception cref="InvalidOperationException">An option can't be read.</exception>
    public OutboundPolicy(OutboundOptions options)
    {
        _networks = [.. options.AllowedNetworks.Select(ParseNetwork)];
        _ports = [443, .. options.AllowedPorts];
        _plainHttpHosts = new HashSet<string>(options.PlainHttpHosts, StringComparer.OrdinalIgnoreCase);
    }

    public bool AllowsPlainHttp(Uri address) =>
        _plainHttpHosts.Contains($"{address.Host}:{address.Port}") || _plainHttpHosts.Contains(address.Host);

    /// <summary>Checks all that can be told from the address itself, before its name is resolved.</summary>
    /// <exception cref="OutboundRefusedException">The address is refused.</exception>
    public void Check(Uri address)
    {
        if (!address.IsAbsoluteUri)
        {
            throw new OutboundRefusedException("The address is not absolute; it must begin with https://.");
        }

        // Neither the path nor the query is named in messages: both may hold signatures.
        var (name, host) = ReadHost(address);
        var plain = string.Equals(address.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal);
        if (!plain && !string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
        {
            throw new OutboundRefusedException($"The address {name} is not an https address.");
        }

        if (address.UserInfo.Length > 0)
        {
            throw new OutboundRefusedException($"The address {name} contains a user name; credentials have fields of their own.");
        }

        if (plain && !AllowsPlainHttp(address))
        {
            throw Refused($"The address {name} is not encrypted", nameof(OutboundOptions.PlainHttpHosts));
        }

        if (!_ports.Contains(address.Port) && !(plain && NamesPort(address)))
        {
            throw Refused($"The address {name} has a port that is not open", nameof(OutboundOptions.AllowedPorts));
        }

        if (TryReadLiteral(host, out var literal))
        {
            CheckNetwork(literal, name);
        }
    }

    /// <summary>Brings an address into normal form and checks that it may be connected to.</summary>
    /// <param name="address">What a name resolved to, or what was written in its place.</param>
    /// <param name="name">What the message calls the address.</param>
    /// <exception cref="OutboundRefusedException">The address is refused.</exception>
    public IPAddress CheckNetwork(IPAddress address, string name)
    {
        var normal = PublicNetwork.Normalize(address);
        if (PublicNetwork.IsMetadataService(normal))
        {
            throw new OutboundRefusedException($"The address {name} is not public.");
        }

        if (!PublicNetwork.Contains(normal) && !_networks.Any(network => network.Contains(normal)))
        {
            throw Refused($"The address {name} is not public", nameof(OutboundOptions.AllowedNetworks));
        }

        return normal;
    }

    /// <summary>
    /// Reads a host that is an IP address. <see cref="Uri"/> has already brought octal, hexadecimal and short forms into dotted ones;
    /// what is left are those with a dot at the end.
    /// </summary>
    public static bool TryReadLiteral(string host, out IPAddress literal) =>
        IPAddress.TryParse(host.AsSpan().TrimEnd('.'), out literal!);

    // A host may be kept as it was written until it is asked for, and be found to be none only then.
    private static (string Name, string Host) ReadHost(Uri address)
    {
        try
        {
            return (address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped), address.IdnHost);
        }
        catch (UriFormatException)
        {
            throw new OutboundRefusedException("The address has a host name that can't be used.");
        }
    }

    private bool NamesPort(Uri address) =>
        _plainHttpHosts.Contains($"{address.Host}:{address.Port}") || (address.IsDefaultPort && _plainHttpHosts.Contains(address.Host));

    private static OutboundRefusedException Refused(string what, string option) =>
        new($"{what}; the operator can allow it in {OutboundOptions.Section} ({option}).");

    private static IPNetwork ParseNetwork(string network) =>
        IPNetwork.TryParse(network, out var parsed)
            ? parsed
            : throw new InvalidOperationException(
                $"{OutboundOptions.Section}:{nameof(OutboundOptions.AllowedNetworks)}: '{network}' is no network in CIDR notation, "
                + "such as 10.1.0.0/16.");
}
