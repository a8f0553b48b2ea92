using System.Net;
using System.Text.Json;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Pipelines;

/// <summary>
/// The login of a CI job: by its OpenID Connect token where that is made for the organization, or else by one that it is exchanged for.
/// Both are renewed before they end.
/// </summary>
/// <param name="service">The service's address.</param>
/// <param name="organization">The organization's name.</param>
/// <param name="source">Where the job's tokens come from.</param>
/// <param name="client">Sends requests and follows no redirects.</param>
internal sealed class PipelineLogin(Uri service, string organization, IdTokenSource source, HttpClient client) : IDisposable
{
    /// <summary>How long before its end a token is renewed, but never more than half of the time that it had left when it came.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1);
    private string? _token;
    private DateTimeOffset _renewAt;
    private IdToken? _presented;

    /// <summary>The audience of tokens for an organization.</summary>
    public static string AudienceFor(Uri service, string organization) => $"{service.ToString().TrimEnd('/')}/orgs/{organization}";

    /// <summary>A token that the service takes.</summary>
    /// <exception cref="CliFailure">There is none.</exception>
    /// <exception cref="ApiFailure">The service does not exchange the job's.</exception>
    public async Task<string> GetTokenAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var now = TimeProvider.System.GetUtcNow();
            if (_token is null || now >= _renewAt)
            {
                _presented = await source.GetAsync(client, AudienceFor(service, organization), cancellationToken);
                var direct = _presented.Audience?.EndsWith("/orgs/" + organization, StringComparison.Ordinal) == true;
                var (token, expiresAt) = direct ? (_presented.Text, _presented.ExpiresAt) : await ExchangeAsync(_presented, cancellationToken);
                _token = token;
                _renewAt = expiresAt - TimeSpan.FromTicks(Math.Min(Margin.Ticks, Math.Max(0, (expiresAt - now).Ticks / 2)));
            }

            return _token;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Says that the service lets the job's token in nowhere.</summary>
    public CliFailure Refused() => new(
        ExitCode.NotAuthorized,
        $"The service does not let this job in to organization '{organization}' by the token of {source.Name}"
            + $" (issuer {DisplayOf(_presented?.Issuer)}, audience {DisplayOf(_presented?.Audience)}).",
        "An owner has to trust it: cas trust add; 'cas trust ls' shows the audience that tokens need. Or set CAS_TOKEN.");

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private static string DisplayOf(string? claim) => claim is null ? "unknown" : Output.DisplayText.Safe(claim);

    private async Task<(string Token, DateTimeOffset ExpiresAt)> ExchangeAsync(IdToken token, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new NewExchange(token.Text), CliJson.Default.NewExchange));
        content.Headers.ContentType = new("application/json");
        var address = new Uri(service, $"/v1/organizations/{Uri.EscapeDataString(organization)}/token-exchange");
        using var response = await client.PostAsync(address, content, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            throw Refused();
        }

        var answer = (await CasApi.ReadAsync(response, cancellationToken)).Json;
        return answer.Text("token") is { } exchanged && DateTimeOffset.TryParse(answer.Text("expiresAt"), null, out var expiresAt)
            ? (exchanged, expiresAt)
            : throw ApiFailure.NotTheService();
    }
}
