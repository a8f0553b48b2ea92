using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using CasFunctions.Tests.Services;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Telemetry;

/// <summary>A span as it was exported.</summary>
internal sealed record ExportedSpan(
    string TraceId, string Id, string ParentId, string Name, ulong Kind, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A measurement of a counter or of a histogram, whose value is then the number of values.</summary>
internal sealed record ExportedPoint(string Metric, string Unit, IReadOnlyDictionary<string, string> Attributes, double Value);

/// <summary>A log entry as it was exported.</summary>
internal sealed record ExportedLog(string TraceId, string Body);

/// <summary>
/// Takes telemetry as collectors do: OTLP over HTTP in protocol buffers (opentelemetry.io, OTLP specification 1.x), and the rows of Azure
/// Monitor's ingestion.
/// </summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _bodies = new();
    private LoopbackServer? _server;

    public Uri Address => _server!.Address;

    /// <summary>The settings of a service that exports here, soon after each event.</summary>
    public Dictionary<string, string> Settings => new(StringComparer.Ordinal)
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
    };

    /// <summary>All that came, as text in which strings are as they were.</summary>
    public IEnumerable<string> Everything => _bodies.Select(body => Encoding.Latin1.GetString(body.Body));

    public IReadOnlyList<ExportedSpan> Spans =>
    [
        .. Of("/v1/traces").SelectMany(request => request.Messages(1, 2, 2)).Select(span => new ExportedSpan(
            span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), span.Number(6), Attributes(span, 9))),
    ];

    public IReadOnlyList<ExportedPoint> Points =>
    [
        .. from metric in Of("/v1/metrics").SelectMany(request => request.Messages(1, 2, 2))
           let numbers = metric.Messages(5, 1).Concat(metric.Messages(7, 1)).Select(point => (Attributes(point, 7), ValueOf(point)))
           let histograms = metric.Messages(9, 1).Select(point => (Attributes(point, 9), (double)point.Number(4)))
           from point in numbers.Concat(histograms)
           select new ExportedPoint(metric.Text(1), metric.Text(3), point.Item1, point.Item2),
    ];

    public IReadOnlyList<ExportedLog> Logs =>
    [
        .. Of("/v1/logs").SelectMany(request => request.Messages(1, 2, 2))
            .Select(entry => new ExportedLog(entry.Hex(9), string.Concat(entry.Messages(5).Select(body => body.Text(1))))),
    ];

    /// <summary>The rows that came for Azure Monitor, each a JSON document.</summary>
    public IReadOnlyList<string> Rows =>
    [
        .. _bodies.Where(body => body.Path.EndsWith("/track", StringComparison.Ordinal))
            .SelectMany(body => Encoding.UTF8.GetString(body.Body).Split('\n', StringSplitOptions.RemoveEmptyEntries)),
    ];

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        collector._server = await LoopbackServer.StartAsync(null, collector.TakeAsync);
        return collector;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private static string TextOf(ProtobufMessage value) =>
        value.Text(1) is { Length: > 0 } text ? text : value.Number(3).ToString(CultureInfo.InvariantCulture);

    private static double ValueOf(ProtobufMessage point) =>
        point.Number(6) is var whole and not 0 ? (long)whole : BitConverter.UInt64BitsToDouble(point.Number(4));

    private static Dictionary<string, string> Attributes(ProtobufMessage message, int field) => message.Messages(field).ToDictionary(
        pair => pair.Text(1),
        pair => pair.Messages(2).Select(TextOf).First(),
        StringComparer.Ordinal);

    private IEnumerable<ProtobufMessage> Of(string path) =>
        _bodies.Where(body => body.Path == path).Select(body => new ProtobufMessage(body.Body));

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        Stream sent = context.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
            : context.Request.Body;
        await using (sent)
        {
            await sent.CopyToAsync(body, context.RequestAborted);
        }

        _bodies.Enqueue((context.Request.Path, body.ToArray()));
        if (context.Request.Path.Value!.EndsWith("/track", StringComparison.Ordinal))
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"itemsReceived":1,"itemsAccepted":1,"errors":[]}""", context.RequestAborted);
        }
        else
        {
            // An empty message says that all was taken.
            context.Response.ContentType = "application/x-protobuf";
        }
    }
}
