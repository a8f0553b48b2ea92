using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CasFunctions.Tests.Services;

/// <summary>A request that came to a <see cref="FaultProxy"/>.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path as the client sent it, still encoded.</param>
/// <param name="Query">The query with its question mark, still encoded; empty when there is none.</param>
/// <param name="TraceParent">Which span the client says that it belongs to (W3C Trace Context); empty when it does not say.</param>
public sealed record ProxiedRequest(string Method, string Path, string Query, string TraceParent);

/// <summary>
/// A reverse proxy on the loopback address before a real service, which breaks the requests that a test chooses. What it forwards
/// stays as it was, the Host header included, so that clients sign for the proxy's address (S3 SigV4, Azure Shared Key).
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Proxy-Connection", "TE", "Trailer", "Host",
        // Kestrel has asked the client for the body by then.
        "Expect",
    };

    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private readonly Lock _gate = new();
    private readonly List<Rule> _rules = [];
    private readonly Uri _service;
    private readonly bool _remembers;
    private readonly HttpMessageInvoker _client;
    private LoopbackServer? _server;

    private FaultProxy(Uri service, TestCertificate? certificate, bool remembers)
    {
        _service = service;
        _remembers = remembers;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) =>
                    presented is not null && certificate is not null
                    && presented.GetRawCertData().AsSpan().SequenceEqual(certificate.Server.RawData),
            },
        });
    }

    /// <summary>The proxy's address, to be used in place of the service's.</summary>
    public Uri Address => _server!.Address;

    /// <summary>All requests so far, broken ones included.</summary>
    public IReadOnlyCollection<ProxiedRequest> Requests => _requests;

    /// <summary>Starts a proxy, which breaks nothing yet.</summary>
    /// <param name="service">The service's address, of which scheme, host and port count.</param>
    /// <param name="certificate">The certificate of a service that speaks TLS; the proxy then has the same.</param>
    /// <param name="remembers">Whether it keeps <see cref="Requests"/>, which takes memory for as long as it runs.</param>
    public static async Task<FaultProxy> StartAsync(Uri service, TestCertificate? certificate = null, bool remembers = true)
    {
        var proxy = new FaultProxy(service, certificate, remembers);
        proxy._server = await LoopbackServer.StartAsync(certificate, proxy.HandleAsync);
        return proxy;
    }

    /// <summary>The address of the same resource through the proxy.</summary>
    public Uri Through(Uri address) => new(Address, address.PathAndQuery);

    /// <summary>The same connection string through the proxy, for a service that it names by its address.</summary>
    public string Through(string connectionString) => connectionString.Replace(
        _service.GetLeftPart(UriPartial.Authority), Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);

    /// <summary>Breaks requests from now on. Of several rules that match, the oldest that is not used up applies.</summary>
    /// <param name="matches">Which requests.</param>
    /// <param name="fault">How.</param>
    /// <param name="times">How many of them; all when not given.</param>
    public void Break(Func<ProxiedRequest, bool> matches, Fault fault, int times = int.MaxValue)
    {
        lock (_gate)
        {
            _rules.Add(new Rule(matches, fault, times));
        }
    }

    /// <summary>Breaks nothing any more.</summary>
    public void Heal()
    {
        lock (_gate)
        {
            _rules.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _client.Dispose();
    }

    /// <summary>Sends the request to the service with this body.</summary>
    internal Task<HttpResponseMessage> ForwardAsync(HttpContext context, Stream body, CancellationToken cancellationToken)
    {
        var target = new Uri(
            _service.GetLeftPart(UriPartial.Authority) + RawTarget(context),
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), target)
        {
            Content = context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody
                ? new StreamContent(body)
                : new ByteArrayContent([]),
        };
        request.Headers.Host = context.Request.Host.Value;
        var hasContentHeader = false;
        foreach (var (name, values) in context.Request.Headers.Where(header => !HopByHop.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                hasContentHeader |= request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        if (!hasContentHeader && request.Content is ByteArrayContent)
        {
            request.Content = null;
        }

        return _client.SendAsync(request, cancellationToken);
    }

    /// <summary>Copies the answer's status and headers.</summary>
    internal static void CopyHead(HttpResponseMessage answer, HttpResponse response)
    {
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (!HopByHop.Contains(name))
            {
                response.Headers[name] = values.ToArray();
            }
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        var target = RawTarget(context).Split('?', 2);
        var query = target.Length == 2 ? "?" + target[1] : "";
        var request = new ProxiedRequest(context.Request.Method, target[0], query, context.Request.Headers.TraceParent.ToString());
        if (_remembers)
        {
            _requests.Enqueue(request);
        }

        try
        {
            if (Take(request) is { } fault)
            {
                await fault.ApplyAsync(context, this);
                return;
            }

            using var answer = await ForwardAsync(context, context.Request.Body, context.RequestAborted);
            CopyHead(answer, context.Response);
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception error) when (error is HttpRequestException or IOException && !context.Response.HasStarted)
        {
            // One side left: so does the other. Later than this, Kestrel delivers what was written and then closes the connection.
            context.Abort();
        }
    }

    private Fault? Take(ProxiedRequest request)
    {
        lock (_gate)
        {
            var rule = _rules.Find(rule => rule.Left > 0 && rule.Matches(request));
            if (rule is null)
            {
                return null;
            }

            rule.Left--;
            return rule.Fault;
        }
    }

    private static string RawTarget(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    private sealed class Rule(Func<ProxiedRequest, bool> matches, Fault fault, int times)
    {
        public Func<ProxiedRequest, bool> Matches { get; } = matches;

        public Fault Fault { get; } = fault;

        public int Left { get; set; } = times;
    }
}
