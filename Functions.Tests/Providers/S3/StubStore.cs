using System.Net;
using System.Text;
using CasFunctions.Digests;
using CasFunctions.Providers;
using CasFunctions.Providers.S3;
using Microsoft.Extensions.Logging.Abstractions;

namespace CasFunctions.Tests.Providers.S3;

/// <summary>
/// Answers a store's requests in its own words, for what no store that runs here says: AWS, R2 and MinIO. Keeps the requests.
/// </summary>
internal sealed class StubStore(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    public static readonly byte[] Content = "evidence"u8.ToArray();

    public static readonly BlobDescriptor Blob =
        new(Sha256Digest.Of(Content), Content.Length, "report.json", "application/json", "nonce-1");

    public List<Request> Requests { get; } = [];

    public static S3BlobStore Open(
        HttpMessageHandler handler, string? endpoint = null, string region = "us-east-1", TimeProvider? time = null) =>
        new(
            "stub",
            new S3Settings("evidence", endpoint, "ci"),
            new S3Credentials("AKIDEXAMPLE", "s3cr3t", region),
            handler,
            time ?? TimeProvider.System,
            NullLogger<S3BlobStore>.Instance);

    public static HttpResponseMessage Error(int status, string? code, string message = "")
    {
        var body = code is null ? "" : $"""<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message></Error>""";
        return Xml(status, body);
    }

    public static HttpResponseMessage Xml(int status, string body) =>
        new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/xml") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? [])
            .ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        lock (Requests)
        {
            Requests.Add(new Request(request.Method.Method, request.RequestUri!.AbsoluteUri, headers, body));
        }

        return answer(request);
    }

    internal sealed record Request(string Method, string Address, IReadOnlyDictionary<string, string> Headers, byte[] Body);
}
