using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CasFunctions.Cli.Login;
using CasFunctions.Cli.Pipelines;

namespace CasFunctions.Cli.Http;

/// <summary>The service's HTTP API.</summary>
internal sealed class CasApi : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(100);

    private readonly HttpClient _client;
    private readonly Account _account;
    private readonly Lazy<PipelineLogin?> _pipeline;

    /// <summary>Talks to the account's service.</summary>
    public CasApi(Account account)
    {
        _account = account;
        _pipeline = new(FindPipeline);
        _client = new HttpClient(new SocketsHttpHandler
        {
            // A redirect would carry content and tokens where nobody sent them.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            // A refusal then comes before the content and not in the middle of it.
            Expect100ContinueTimeout = TimeSpan.FromSeconds(2),
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("cas", typeof(CasApi).Assembly.GetName().Version?.ToString(3)));
    }

    /// <summary>The service and the token.</summary>
    public Account Account => _account;

    /// <summary>True when there is a token, or a CI job that can get one.</summary>
    public bool HasLogin => _account.Token is not null || _pipeline.Value is not null;

    /// <summary>Reads a document.</summary>
    /// <exception cref="ApiFailure">The answer is not a success.</exception>
    public Task<ApiAnswer> GetAsync(string path, CancellationToken cancellationToken) => CallAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Reads a document that the service shows to everybody.</summary>
    /// <exception cref="ApiFailure">The answer is not a success.</exception>
    public Task<ApiAnswer> GetPublicAsync(string path, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Get, path, null, cancellationToken, authorized: false);

    /// <summary>Removes something.</summary>
    /// <exception cref="ApiFailure">The answer is not a success.</exception>
    public Task<ApiAnswer> DeleteAsync(string path, CancellationToken cancellationToken) => CallAsync(HttpMethod.Delete, path, null, cancellationToken);

    /// <summary>Sends a request without a body.</summary>
    /// <exception cref="ApiFailure">The answer is not a success.</exception>
    public Task<ApiAnswer> PostAsync(string path, CancellationToken cancellationToken) => CallAsync(HttpMethod.Post, path, null, cancellationToken);

    /// <summary>Sends a document.</summary>
    /// <exception cref="ApiFailure">The answer is not a success.</exception>
    public Task<ApiAnswer> SendAsync<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return CallAsync(method, path, content, cancellationToken);
    }

    /// <summary>Sends any request and returns as soon as the answer's header is there, whatever its status.</summary>
    /// <param name="request">The request, whose address is relative to the service.</param>
    /// <param name="authorized">Whether it carries the token. Upload sessions need none.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, bool authorized, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(_account.Address, request.RequestUri!);
        if (authorized)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(cancellationToken));
        }

        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (authorized && response.StatusCode == HttpStatusCode.Unauthorized && _pipeline.Value is { } login)
        {
            response.Dispose();
            throw login.Refused();
        }

        return response;
    }

    /// <summary>Reads an answer whole.</summary>
    /// <exception cref="ApiFailure">It is not a success.</exception>
    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.IsSuccessStatusCode ? new ApiAnswer(response.StatusCode, body) : throw ApiFailure.From(response, body);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pipeline is { IsValueCreated: true, Value: { } login })
        {
            login.Dispose();
        }

        _client.Dispose();
    }

    private PipelineLogin? FindPipeline() =>
        _account is { Token: null, Organization: { } organization }
        && CiEnvironment.Find(PipelineLogin.AudienceFor(_account.Address, organization)) is { } source
            ? new PipelineLogin(_account.Address, organization, source, _client)
            : null;

    private async Task<string> TokenAsync(CancellationToken cancellationToken) =>
        _pipeline.Value is { } login ? await login.GetTokenAsync(cancellationToken) : _account.RequireToken();

    private async Task<ApiAnswer> CallAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken, bool authorized = true)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(CallTimeout);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        using var response = await OpenAsync(request, authorized, timeout.Token);
        return await ReadAsync(response, timeout.Token);
    }
}
