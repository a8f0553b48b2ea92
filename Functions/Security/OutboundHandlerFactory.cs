using System.Net;
using Microsoft.Extensions.Options;

namespace CasFunctions.Security;

/// <summary>Resolves a host name to all its addresses.</summary>
/// <param name="host">The name; never an IP address.</param>
/// <param name="cancellationToken">Ends the look-up.</param>
public delegate Task<IPAddress[]> HostResolver(string host, CancellationToken cancellationToken);

/// <summary>
/// The one source of HTTP handlers for addresses that tenants supply. What is not a public address on port 443 is refused with
/// <see cref="OutboundRefusedException"/>, except for what the operator lists in <see cref="OutboundOptions"/>.
/// </summary>
public sealed class OutboundHandlerFactory : IDisposable
{
    private readonly OutboundPolicy _policy;
    private readonly OutboundTrust _trust;

    /// <summary>Makes the factory.</summary>
    /// <param name="options">What the operator allows.</param>
    /// <param name="resolver">How names are resolved; the system's resolver when null.</param>
    /// <exception cref="InvalidOperationException">An option can't be read.</exception>
    public OutboundHandlerFactory(IOptions<OutboundOptions> options, HostResolver? resolver = null)
    {
        _policy = new OutboundPolicy(options.Value);
        _trust = new OutboundTrust(options.Value.TrustedCertificates);
        Handler = new OutboundGuard(_policy, _trust, resolver ?? Dns.GetHostAddressesAsync);
    }

    /// <summary>
    /// The shared handler. Wrap it in clients with <c>disposeHandler: false</c>. It follows no redirects, keeps no cookies, and
    /// is connected to allowed addresses only.
    /// </summary>
    public HttpMessageHandler Handler { get; }

    /// <summary>True when the operator lets this address be spoken to without TLS.</summary>
    public bool AllowsPlainHttp(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return _policy.AllowsPlainHttp(address);
    }

    /// <summary>
    /// Checks what can be told from an address without resolving its name: scheme, port, user name, and IP addresses in any
    /// notation. For settings that an owner enters; <see cref="Handler"/> checks the same and more at each request.
    /// </summary>
    /// <exception cref="OutboundRefusedException">Why the address is refused, in words for the owner.</exception>
    public void CheckAddress(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        _policy.Check(address);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Handler.Dispose();
        _trust.Dispose();
    }
}
