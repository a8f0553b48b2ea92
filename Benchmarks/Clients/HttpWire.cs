using System.Buffers.Text;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace CasFunctions.Benchmarks.Clients;

/// <summary>An answer's header, and what came after it.</summary>
/// <param name="Status">The status.</param>
/// <param name="Location">The field <c>Location</c>.</param>
/// <param name="Length">The body's size in bytes.</param>
/// <param name="Body">The body, when it is small.</param>
internal sealed record HttpAnswer(int Status, string? Location, long Length, byte[] Body)
{
    /// <summary>Makes sure of the status.</summary>
    /// <exception cref="InvalidDataException">It is another.</exception>
    public HttpAnswer Expect(int status) => Status == status
        ? this
        : throw new InvalidDataException($"Expected {status}, got {Status}: {Encoding.UTF8.GetString(Body)}");
}

/// <summary>
/// HTTP/1.1 on a blocking socket, for one thread: nothing but system calls, and files go from the page cache into the socket, so that the
/// client takes as little as possible from the cores that it shares with what is measured.
/// </summary>
internal sealed class HttpWire : IDisposable
{
    private const int BufferSize = 256 * 1024;
    private const int LargestKeptBody = 256 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly string _host;
    private int _start;
    private int _end;

    /// <summary>Connects.</summary>
    public HttpWire(Uri address)
    {
        _host = address.Authority;
        _socket.Connect(address.Host, address.Port);
    }

    /// <summary>Sends a request with a body from memory.</summary>
    public void Send(string method, string path, string? token, ReadOnlySpan<byte> body = default, string? contentType = null)
    {
        var head = Head(method, path, token, body.Length, contentType);
        var request = new byte[head.Length + body.Length];
        head.CopyTo(request, 0);
        body.CopyTo(request.AsSpan(head.Length));
        _socket.Send(request);
    }

    /// <summary>Sends a request whose body is a prefix and a whole file.</summary>
    public void SendFile(string method, string path, string? token, ReadOnlySpan<byte> prefix, string file, string? contentType = null)
    {
        var head = Head(method, path, token, prefix.Length + new FileInfo(file).Length, contentType);
        ReadOnlySpan<byte> before = [.. head, .. prefix];
        _socket.SendFile(file, before, [], TransmitFileOptions.UseDefaultWorkerThread);
    }

    /// <summary>Reads the answer. Larger bodies are counted and dropped.</summary>
    /// <param name="hash">Takes the body, if given.</param>
    public HttpAnswer ReadAnswer(IncrementalHash? hash = null)
    {
        var head = ReadHead();
        while (StatusOf(head) < 200)
        {
            head = ReadHead();
        }

        using var kept = new MemoryStream();
        long length = 0;
        if (Field(head, "Transfer-Encoding") is { } encoding && encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (ReadChunkSize() is > 0 and var size)
            {
                Take(size);
                ReadLine();
            }

            ReadLine();
        }
        else if (long.TryParse(Field(head, "Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var declared))
        {
            Take(declared);
        }

        return new HttpAnswer(StatusOf(head), Field(head, "Location"), length, kept.ToArray());

        void Take(long size)
        {
            for (var left = size; left > 0;)
            {
                Fill();
                var piece = _buffer.AsSpan(_start, (int)Math.Min(left, _end - _start));
                hash?.AppendData(piece);
                if (length < LargestKeptBody)
                {
                    kept.Write(piece);
                }

                length += piece.Length;
                left -= piece.Length;
                _start += piece.Length;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static int StatusOf(string head) => int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);

    private static string? Field(string head, string name)
    {
        var start = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return null;
        }

        start += name.Length + 3;
        return head[start..head.IndexOf("\r\n", start, StringComparison.Ordinal)].Trim();
    }

    private byte[] Head(string method, string path, string? token, long length, string? contentType)
    {
        var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
        var type = contentType is null ? "" : $"Content-Type: {contentType}\r\n";
        return Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{method} {path} HTTP/1.1\r\nHost: {_host}\r\n{authorization}{type}Content-Length: {length}\r\n\r\n"));
    }

    /// <summary>Receives when nothing is left.</summary>
    private void Fill()
    {
        if (_start < _end)
        {
            return;
        }

        _start = 0;
        _end = _socket.Receive(_buffer);
        if (_end == 0)
        {
            throw new EndOfStreamException("The server closed the connection.");
        }
    }

    private string ReadHead()
    {
        var head = new StringBuilder();
        string line;
        while ((line = ReadLine()).Length > 0)
        {
            head.Append(line).Append("\r\n");
        }

        return head.ToString();
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            Fill();
            var left = _buffer.AsSpan(_start, _end - _start);
            var end = left.IndexOf((byte)'\n');
            line.Append(Encoding.ASCII.GetString(end < 0 ? left : left[..end]));
            _start += end < 0 ? left.Length : end + 1;
            if (end >= 0)
            {
                return line.ToString().TrimEnd('\r');
            }
        }
    }

    private long ReadChunkSize() =>
        Utf8Parser.TryParse(Encoding.ASCII.GetBytes(ReadLine()), out long size, out _, 'x')
            ? size
            : throw new InvalidDataException("No chunk size.");
}
