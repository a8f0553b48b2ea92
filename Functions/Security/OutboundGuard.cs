#pragma warning disable RS0030 // The one place that makes connections to addresses of tenants.
using System.Net;
using System.Net.Sockets;

namespace CasFunctions.Security;

/// <summary>
/// Stands in front of all connections to addresses that tenants supply. A request's address is checked before it is sent, and
/// the addresses that its name resolves to are checked where the connection is made: the name is resolved once, and the
/// connection goes to the very address that was checked, so an answer that changes between two look-ups gains nothing.
/// </summary>
internal sealed class OutboundGuard : DelegatingHandler
{
    // Short enough that one dead address leaves time for the next within the handler's connect time-out.
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(4);

    private readonly OutboundPolicy _policy;
    private readonly HostResolver _resolve;

    public OutboundGuard(OutboundPolicy policy, OutboundTrust trust, HostResolver resolve)
    {
        _policy = policy;
        _resolve = resolve;
        InnerHandler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 256,
            SslOptions = trust.SslOptions,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, cancellationToken),
        };
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Prepare(request);
        try
        {
            return Bounded(await base.SendAsync(request, cancellationToken));
        }
        catch (HttpRequestException e) when (e.InnerException is OutboundRefusedException refused)
        {
            throw new OutboundRefusedException(refused.Message);
        }
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Prepare(request);
        try
        {
            return Bounded(base.Send(request, cancellationToken));
        }
        catch (HttpRequestException e) when (e.InnerException is OutboundRefusedException refused)
        {
            throw new OutboundRefusedException(refused.Message);
        }
    }

    // Content is what a GET brings; all else is small.
    private static HttpResponseMessage Bounded(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode || response.RequestMessage?.Method != HttpMethod.Get)
        {
            response.Content = new BoundedContent(response.Content);
        }

        return response;
    }

    private void Prepare(HttpRequestMessage request)
    {
        _policy.Check(request.RequestUri ?? throw new InvalidOperationException("The request has no address."));

        // HTTP/3 opens its connections past the connect callback; a server could lead there with Alt-Svc.
        if (request.Version.Major >= 3)
        {
            request.Version = HttpVersion.Version20;
        }

        if (request.VersionPolicy == HttpVersionPolicy.RequestVersionOrHigher)
        {
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        }
    }

    private async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var name = $"{target.Host}:{target.Port}";
        var resolved = OutboundPolicy.TryReadLiteral(target.Host, out var literal)
            ? [literal]
            : await _resolve(target.Host, cancellationToken);

        // One address that is not allowed condemns the whole answer: a name that mixes them is misconfigured or hostile.
        var addresses = resolved.Select(address => _policy.CheckNetwork(address, name)).Distinct().ToArray();
        for (var i = 0; i < addresses.Length; i++)
        {
            var last = i == addresses.Length - 1;
            try
            {
                return await ConnectAsync(new IPEndPoint(addresses[i], target.Port), last, cancellationToken);
            }
            catch (Exception e) when (!last && e is (SocketException or OperationCanceledException))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        throw new SocketException((int)SocketError.HostNotFound);
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint address, bool last, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!last)
        {
            limit.CancelAfter(TryTimeout);
        }

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, limit.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
