using System.Diagnostics;
using System.Diagnostics.Metrics;
using CasFunctions.Backends;
using CasFunctions.Http;
using CasFunctions.Notifications;
using CasFunctions.Uploads;
using CasFunctions.Validation;

namespace CasFunctions.Telemetry;

/// <summary>
/// The numbers of this instance, named after OpenTelemetry's conventions; docs/telemetry.md lists them. No attribute has more than a few
/// dozen values: there are no names of organizations or backends, no digests and no session ids.
/// </summary>
public sealed class CasMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "CasFunctions";

    private const string ErrorType = "error.type";
    private const string Provider = "cas.provider";

    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly Counter<long> _uploadedBytes;
    private readonly Counter<long> _downloadedBytes;
    private readonly Counter<long> _deduplicated;
    private readonly Counter<long> _failovers;
    private readonly Counter<long> _corrupt;
    private readonly Counter<long> _problems;
    private readonly Counter<long> _probes;
    private readonly Counter<long> _transitions;
    private readonly Counter<long> _mails;
    private readonly UpDownCounter<long> _uploadsUnderWay;
    private readonly Histogram<double> _uploadDuration;
    private readonly Histogram<double> _downloadDuration;
    private readonly Histogram<double> _providerDuration;

    /// <summary>Makes the instruments.</summary>
    public CasMetrics(IMeterFactory meters, UploadMemory memory, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _time = time;
        _meter = meters.Create(MeterName);
        _uploadedBytes = _meter.CreateCounter<long>("cas.upload.io", "By", "Content that was stored.");
        _downloadedBytes = _meter.CreateCounter<long>("cas.download.io", "By", "Content that was asked for and found.");
        _deduplicated = _meter.CreateCounter<long>("cas.upload.deduplicated", "{upload}", "Uploads that found their content there.");
        _failovers = _meter.CreateCounter<long>("cas.upload.failovers", "{upload}", "Uploads that a backend took in another's place.");
        _corrupt = _meter.CreateCounter<long>("cas.verification.failures", "{copy}", "Stored copies that were found altered or gone.");
        _problems = _meter.CreateCounter<long>("cas.problems", "{response}", "Answers that are problems.");
        _probes = _meter.CreateCounter<long>("cas.backend.probes", "{probe}", "Checks of backends.");
        _transitions = _meter.CreateCounter<long>("cas.backend.transitions", "{transition}", "Changes of backends' conditions.");
        _mails = _meter.CreateCounter<long>("cas.mails", "{mail}", "Tries to send a mail to an owner.");
        _uploadsUnderWay = _meter.CreateUpDownCounter<long>("cas.upload.active", "{request}", "Requests that bring content now.");
        _uploadDuration = _meter.CreateHistogram<double>(
            "cas.upload.duration", "s", "Time of requests that bring content.", advice: Seconds);
        _downloadDuration = _meter.CreateHistogram<double>(
            "cas.download.duration", "s", "Time of downloads, the last byte included.", advice: Seconds);
        _providerDuration = _meter.CreateHistogram<double>(
            "cas.provider.operation.duration", "s", "Time of calls of a backend's store, retries included.", advice: Seconds);
        _meter.CreateObservableUpDownCounter("cas.upload.memory.usage", () => memory.Used, "By", "Buffer memory that uploads hold.");
        _meter.CreateObservableUpDownCounter("cas.upload.memory.limit", () => memory.Budget, "By", "Buffer memory that uploads may hold.");
    }

    private static InstrumentAdvice<double> Seconds { get; } = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Uploaded(long bytes, bool onFallback)
    {
        _uploadedBytes.Add(bytes);
        _failovers.Add(onFallback ? 1 : 0);
    }

    internal void Deduplicated() => _deduplicated.Add(1);

    internal void Downloaded(long bytes) => _downloadedBytes.Add(bytes);

    internal void FoundCorrupt() => _corrupt.Add(1);

    internal void Answered(ProblemException problem) =>
        _problems.Add(1, new("cas.problem.code", problem.Code), new("http.response.status_code", problem.Status));

    internal void Probed(Backend backend, ProbeOutcome outcome) =>
        _probes.Add(1, new(Provider, backend.Provider), new("cas.probe.outcome", WordOf(outcome)));

    internal void Changed(Backend after, BackendStatus before) => _transitions.Add(
        1,
        new(Provider, after.Provider),
        new("cas.backend.status.before", WordOf(before)),
        new("cas.backend.status", WordOf(after.Status)));

    internal void Mailed(MailOutcome outcome) => _mails.Add(1, new KeyValuePair<string, object?>("cas.mail.outcome", WordOf(outcome)));

    /// <summary>Takes the time of a request that brings content.</summary>
    internal async Task<T> TimeUploadAsync<T>(Func<Task<T>> upload)
    {
        _uploadsUnderWay.Add(1);
        try
        {
            return await TimeAsync(_uploadDuration, upload, []);
        }
        finally
        {
            _uploadsUnderWay.Add(-1);
        }
    }

    /// <summary>Takes the time of sending a content.</summary>
    internal Task TimeDownloadAsync(Func<Task> send) => TimeAsync(
        _downloadDuration,
        async () =>
        {
            await send();
            return true;
        },
        []);

    /// <summary>Takes the time of a call of a store.</summary>
    internal Task<T> TimeProviderAsync<T>(string provider, string operation, Func<Task<T>> call) =>
        TimeAsync(_providerDuration, call, [new(Provider, provider), new("cas.provider.operation", operation)]);

    private async Task<T> TimeAsync<T>(Histogram<double> histogram, Func<Task<T>> call, TagList tags)
    {
        var start = _time.GetTimestamp();
        try
        {
            return await call();
        }
        catch (Exception failure)
        {
            tags.Add(ErrorType, ErrorTypes.Of(failure));
            throw;
        }
        finally
        {
            histogram.Record(_time.GetElapsedTime(start).TotalSeconds, tags);
        }
    }

    private static string WordOf<T>(T value)
        where T : struct, Enum => ErrorTypes.WordOf(value);
}
