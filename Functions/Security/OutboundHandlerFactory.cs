using Microsoft.Extensions.Options;

namespace CasFunctions.Security;

/// <summary>
/// The one source of HTTP handlers for addresses that tenants supply.
/// </summary>
public sealed class OutboundHandlerFactory : IDisposable
{
    private readonly OutboundOptions _options;

    /// <summary>Makes the factory.</summary>
    public OutboundHandlerFactory(IOptions<OutboundOptions> options)
    {
        _options = options.Value;
        Handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 256,
        };
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
        return _options.PlainHttpHosts.Contains(address.Authority, StringComparer.OrdinalIgnoreCase)
            || _options.PlainHttpHosts.Contains(address.Host, StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public void Dispose() => Handler.Dispose();
}
