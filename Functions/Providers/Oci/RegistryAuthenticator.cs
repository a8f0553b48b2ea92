using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CasFunctions.Providers.Oci;

/// <summary>What a request is going to do in the repository.</summary>
public enum RegistryRight
{
    /// <summary>Read only.</summary>
    Pull,

    /// <summary>Read and write.</summary>
    Push,

    /// <summary>Drop an upload. Registries of the distribution project want a right of its own for every DELETE.</summary>
    Delete,
}

/// <summary>
/// Answers a registry's challenges for one repository: Basic, or bearer tokens by the distribution token authentication
/// specification, kept per scope until shortly before they expire. What the registry asks for is learned from its first 401.
/// </summary>
/// <param name="transport">Reaches the token server.</param>
/// <param name="repository">The repository.</param>
/// <param name="credentials">Whom to be, or null for anonymous.</param>
public sealed class RegistryAuthenticator(RegistryTransport transport, OciRepository repository, OciCredentials? credentials)
{
    private const int MaxTokenAnswerBytes = 256 * 1024;
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromSeconds(60);

    /// <summary>A token is given up this long before it expires, or after three quarters of a shorter life.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<RegistryRight, Token> _tokens = new();
    private volatile Demand? _demand;

    /// <summary>True when there are credentials.</summary>
    public bool HasCredentials => credentials is not null;

    /// <summary>True when a 401 says that the token is good and lacks a right (RFC 6750, section 3.1).</summary>
    public static bool LacksScope(HttpResponseMessage response) =>
        Challenges(response).Any(challenge => challenge.Parameters.TryGetValue("error", out var error)
            && error.Equals("insufficient_scope", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The <c>Authorization</c> for the next request to the registry; null as long as it has asked for none.
    /// </summary>
    /// <param name="right">What the request does.</param>
    /// <param name="fresh">True to get a new token whatever is left of the old one's life.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ProviderException">The token server gives no token.</exception>
    public async Task<AuthenticationHeaderValue?> AuthorizeAsync(RegistryRight right, bool fresh, CancellationToken cancellationToken)
    {
        switch (_demand)
        {
            case null:
                return null;
            case { Realm: null }:
                return Basic();
            case var demand:
                if (fresh || !_tokens.TryGetValue(right, out var token) || token.GivenUp <= transport.Time.GetUtcNow())
                {
                    _tokens[right] = token = await FetchAsync(demand, right, cancellationToken);
                }

                return new AuthenticationHeaderValue("Bearer", token.Value);
        }
    }

    /// <summary>
    /// Learns from a 401.
    /// </summary>
    /// <param name="response">The answer.</param>
    /// <param name="right">What the request was going to do.</param>
    /// <param name="used">What the request carried.</param>
    /// <returns>True when the request is worth repeating with another <c>Authorization</c>.</returns>
    public bool Learn(HttpResponseMessage response, RegistryRight right, AuthenticationHeaderValue? used)
    {
        ArgumentNullException.ThrowIfNull(response);
        var challenges = Challenges(response);
        var origin = response.RequestMessage!.RequestUri!;
        foreach (var challenge in challenges.Where(challenge => challenge.Is("Bearer")))
        {
            if (challenge.Parameters.TryGetValue("realm", out var realm)
                && realm.StartsWith("http", StringComparison.OrdinalIgnoreCase)
                && Uri.TryCreate(realm, UriKind.Absolute, out var address))
            {
                challenge.Parameters.TryGetValue("service", out var service);
                _demand = new Demand(address, service, Trusted(origin, address));
                _tokens.TryRemove(right, out _);
                return true;
            }
        }

        if (credentials is null || !challenges.Any(challenge => challenge.Is("Basic")))
        {
            return false;
        }

        _demand = new Demand(Realm: null, Service: null, Trusted: true);
        return !"Basic".Equals(used?.Scheme, StringComparison.OrdinalIgnoreCase);
    }

    // A challenge that came without TLS may be forged, and must not send the password to a host of the forger's choice.
    private static bool Trusted(Uri origin, Uri realm) =>
        origin.Scheme.Equals(Uri.UriSchemeHttps, StringComparison.Ordinal) || origin.Host.Equals(realm.Host, StringComparison.Ordinal);

    private static List<AuthenticationChallenge> Challenges(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var fields)
            ? [.. fields.SelectMany(AuthenticationChallenge.Parse)]
            : [];

    private AuthenticationHeaderValue? Basic() => credentials is null
        ? null
        : new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.Username}:{credentials.Password}")));

    private async Task<Token> FetchAsync(Demand demand, RegistryRight right, CancellationToken cancellationToken)
    {
        var realm = demand.Realm!;
        if (credentials is not null && !demand.Trusted)
        {
            throw new ProviderException(
                ProviderErrorKind.AddressRefused,
                $"The registry wants the credentials to be sent to {realm.Authority}, and asked for it over a connection without TLS.");
        }

        var actions = right switch
        {
            RegistryRight.Push => "pull,push",
            RegistryRight.Delete => "delete",
            _ => "pull",
        };
        var query = $"scope={Uri.EscapeDataString($"repository:{repository.Name}:{actions}")}";
        if (demand.Service is not null)
        {
            query = $"service={Uri.EscapeDataString(demand.Service)}&{query}";
        }

        var asked = transport.Time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Get, RegistryAddress.WithQuery(realm, query));
        request.Headers.Authorization = Basic();
        using var response = await transport.SendAsync(request, ProviderRetry.TryTimeout, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw Refused(response, realm);
        }

        var body = await transport.ReadAsync(response, MaxTokenAnswerBytes, cancellationToken);
        var answer = Read(body);
        var value = answer?.Token ?? answer?.AccessToken;
        if (string.IsNullOrEmpty(value) || !value.All(c => c is > ' ' and < '\x7f'))
        {
            throw new ProviderException(ProviderErrorKind.Unexpected, $"{realm.Authority} answers without a token.");
        }

        var life = answer?.ExpiresIn is > 0 and < 86400 ? TimeSpan.FromSeconds(answer.ExpiresIn.Value) : DefaultLifetime;
        var usable = life > 4 * Margin ? life - Margin : 0.75 * life;
        return new Token(value, asked + usable);
    }

    private ProviderException Refused(HttpResponseMessage response, Uri realm)
    {
        var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        var (kind, reason) = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => (
                ProviderErrorKind.CredentialsRefused, HasCredentials ? "refuses the credentials" : "asks for credentials"),
            var code when RegistryFailure.IsTransient(code) => (ProviderErrorKind.Unavailable, "can't give a token now"),
            _ => (ProviderErrorKind.Unexpected, "gives no token"),
        };
        return new ProviderException(kind, $"The token server {realm.Authority} {reason} ({status}).")
        {
            RetryAfter = RegistryFailure.RetryAfter(response, transport.Time),
        };
    }

    private static TokenAnswer? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, OciJson.Default.TokenAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What the registry asks for.</summary>
    /// <param name="Realm">Where tokens are given, or null for Basic.</param>
    /// <param name="Service">The registry's name at the token server.</param>
    /// <param name="Trusted">False when the credentials must not be sent there.</param>
    private sealed record Demand(Uri? Realm, string? Service, bool Trusted);

    private sealed record Token(string Value, DateTimeOffset GivenUp)
    {
        public override string ToString() => nameof(Token);
    }
}
