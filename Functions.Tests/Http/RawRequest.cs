using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace CasFunctions.Tests.Http;

/// <summary>A request written byte by byte, for what well-behaved clients don't do: pause, break off, never send the body.</summary>
public sealed class RawRequest : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly bool _chunked;

    private RawRequest(TcpClient client, bool chunked)
    {
        _client = client;
        _stream = client.GetStream();
        _chunked = chunked;
    }

    /// <summary>Connects and sends the header of a request.</summary>
    /// <param name="length">The Content-Length; null for a chunked body.</param>
    public static async Task<RawRequest> OpenAsync(Uri address, string method, string path, long? length, CancellationToken cancellationToken, params string[] fields)
    {
        ArgumentNullException.ThrowIfNull(address);
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        var request = new RawRequest(client, length is null);
        var framing = length is { } bytes ? "Content-Length: " + bytes.ToString(CultureInfo.InvariantCulture) : "Transfer-Encoding: chunked";
        await request.WriteAsync(string.Join("\r\n", [$"{method} {path} HTTP/1.1", $"Host: {address.Authority}", framing, .. fields, "", ""]), cancellationToken);
        return request;
    }

    /// <summary>Sends a part of a body and then resets the connection.</summary>
    public static async Task SendPartAndCutAsync(
        Uri address, string method, string path, ReadOnlyMemory<byte> part, long? length, CancellationToken cancellationToken)
    {
        await using var request = await OpenAsync(address, method, path, length, cancellationToken);
        await request.SendAsync(part, cancellationToken);
        request._client.LingerState = new LingerOption(true, 0);
    }

    /// <summary>Sends a header only and returns the head of the answer.</summary>
    public static async Task<string> SendHeadAsync(Uri address, string method, string path, string[] fields, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        await using var request = new RawRequest(client, chunked: false);
        await request.WriteAsync(string.Join("\r\n", [$"{method} {path} HTTP/1.1", $"Host: {address.Authority}", .. fields, "", ""]), cancellationToken);
        return await request.ReadHeadAsync(cancellationToken);
    }

    /// <summary>Sends bytes of the body.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_chunked)
        {
            await WriteAsync(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n", cancellationToken);
            await _stream.WriteAsync(bytes, cancellationToken);
            await WriteAsync("\r\n", cancellationToken);
        }
        else
        {
            await _stream.WriteAsync(bytes, cancellationToken);
        }
    }

    /// <summary>Reads the status line and the fields of the answer.</summary>
    public async Task<string> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(one, cancellationToken) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _client.Dispose();
    }

    private async Task WriteAsync(string text, CancellationToken cancellationToken) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
}
