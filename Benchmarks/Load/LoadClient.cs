using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CasFunctions.Digests;

namespace CasFunctions.Benchmarks.Load;

/// <summary>A client as pipelines have them: it comes back when it is told to, and takes any other failure for one.</summary>
internal sealed class LoadClient : IDisposable
{
    private static readonly TimeSpan LongestPatience = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http = new(
        new SocketsHttpHandler { UseProxy = false, Expect100ContinueTimeout = TimeSpan.FromSeconds(30) })
    {
        Timeout = TimeSpan.FromMinutes(10),
    };

    private readonly string _token;

    /// <summary>Makes a client.</summary>
    public LoadClient(Uri address, string token)
    {
        Address = address;
        _token = token;
        _http.BaseAddress = address;
    }

    /// <summary>Where the service listens.</summary>
    public Uri Address { get; }

    /// <summary>Stores a content in one call.</summary>
    public Task StoreAsync(Sha256Digest digest, Func<HttpContent> content, long size, LoadReport report,
        CancellationToken cancellationToken) =>
        RepeatAsync(() => Request(HttpMethod.Put, $"/v1/artifacts/{digest}", content()), size, report, cancellationToken);

    /// <summary>Stores a content through a session.</summary>
    public async Task StoreBySessionAsync(
        Sha256Digest digest, Func<HttpContent> content, long size, LoadReport report, CancellationToken cancellationToken)
    {
        if (await NewUploadAsync(digest, size, report, cancellationToken) is { } upload)
        {
            await RepeatAsync(() => new HttpRequestMessage(HttpMethod.Put, upload) { Content = content() }, size, report,
                cancellationToken);
        }
    }

    /// <summary>Opens a session; null when that failed, which is then in the report.</summary>
    public async Task<string?> NewUploadAsync(Sha256Digest digest, long size, LoadReport report, CancellationToken cancellationToken)
    {
        using var created = await RepeatAsync(
            () => Request(HttpMethod.Post, "/v1/uploads", JsonContent.Create(new { digest = digest.ToString(), size })), 0, report,
                cancellationToken);
        if (created?.StatusCode != HttpStatusCode.Created)
        {
            return null;
        }

        using var session = JsonDocument.Parse(await created.Content.ReadAsByteArrayAsync(cancellationToken));
        return session.RootElement.GetProperty("uploadUrl").GetString();
    }

    /// <summary>Reads a content back and compares its digest.</summary>
    public async Task VerifyAsync(Sha256Digest digest, LoadReport report, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, $"/v1/artifacts/{digest}", null);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            report.Errors.Add($"GET answers {(int)answer.StatusCode}");
            return;
        }

        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var read = await System.Security.Cryptography.SHA256.HashDataAsync(body, cancellationToken);
        if (new Sha256Digest(read) != digest)
        {
            report.Errors.Add("GET gives other content");
        }
    }

    /// <summary>Asks whether the service is there; the time that it took.</summary>
    public async Task<TimeSpan> HealthAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var answer = await _http.GetAsync(new Uri("/v1/health", UriKind.Relative), cancellationToken);
        answer.EnsureSuccessStatusCode();
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content) => new(method, path)
    {
        Content = content,
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _token), ExpectContinue = false },
    };

    // The last answer; null after a failure. Counted as an upload when it has a size.
    private async Task<HttpResponseMessage?> RepeatAsync(
        Func<HttpRequestMessage> make, long size, LoadReport report, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var begun = time.GetTimestamp();
        while (true)
        {
            var start = time.GetTimestamp();
            HttpResponseMessage answer;
            try
            {
                using var request = make();

                // As curl does for what is large: a refusal then comes instead of the body.
                request.Headers.ExpectContinue = size > 1024 * 1024;
                answer = await _http.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e)
            {
                report.Errors.Add($"{e.HttpRequestError}: {e.GetBaseException().Message}");
                return null;
            }

            if (answer.IsSuccessStatusCode)
            {
                if (size > 0)
                {
                    report.Done(time.GetElapsedTime(start), time.GetElapsedTime(begun), size);
                }

                return answer;
            }

            var pause = answer.Headers.RetryAfter?.Delta;
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || pause is null || time.GetElapsedTime(begun) > LongestPatience)
            {
                report.Errors.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
                return null;
            }

            report.PutOff();
            answer.Dispose();
            await Task.Delay(pause.Value, time, cancellationToken);
        }
    }
}
