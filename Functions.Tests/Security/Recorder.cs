using System.Collections.Concurrent;
using CasFunctions.Tests.Services;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Security;

/// <summary>A server that nobody should reach, or only in the right way: it keeps what it is asked and by which connections.</summary>
internal sealed class Recorder : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly ConcurrentQueue<string> _requests;
    private readonly ConcurrentDictionary<string, bool> _connections;

    private Recorder(LoopbackServer server, ConcurrentQueue<string> requests, ConcurrentDictionary<string, bool> connections)
    {
        _server = server;
        _requests = requests;
        _connections = connections;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => _server.Address;

    /// <summary>The methods and paths asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>The connections by which requests came.</summary>
    public ICollection<string> Connections => _connections.Keys;

    /// <summary>Starts one that answers 200 to everything.</summary>
    public static async Task<Recorder> StartAsync(TestCertificate? certificate = null, Action<HttpContext>? answer = null)
    {
        var requests = new ConcurrentQueue<string>();
        var connections = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var server = await LoopbackServer.StartAsync(certificate, context =>
        {
            requests.Enqueue($"{context.Request.Method} {context.Request.Path}");
            connections[context.Connection.Id] = true;
            answer?.Invoke(context);
            return Task.CompletedTask;
        });
        return new Recorder(server, requests, connections);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
