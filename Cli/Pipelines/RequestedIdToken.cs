using System.Net.Http.Headers;
using System.Text.Json;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;

namespace CasFunctions.Cli.Pipelines;

/// <summary>A token that a job asks its CI system for, at an address and with a secret that the system gave to the job.</summary>
internal abstract class RequestedIdToken : IdTokenSource
{
    private readonly Uri _address;
    private readonly string _secret;

    /// <summary>Takes what the CI system gave to the job.</summary>
    /// <param name="variable">The variable with the address.</param>
    /// <param name="address">The address.</param>
    /// <param name="secret">The secret. It goes to that address and to no other.</param>
    /// <exception cref="CliFailure">The secret would travel unencrypted.</exception>
    protected RequestedIdToken(string variable, string address, string secret)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var parsed) || parsed is not { Scheme: "https", UserInfo: "" })
        {
            throw new CliFailure(ExitCode.NotAuthorized, $"{variable} is not an https address.", "The CI system sets it; don't set it yourself.");
        }

        _address = parsed;
        _secret = secret;
    }

    /// <summary>What to check when the CI system refuses.</summary>
    protected abstract string RefusalHint { get; }

    /// <summary>The answer's member with the token.</summary>
    protected abstract string Member { get; }

    /// <inheritdoc/>
    public override async Task<IdToken> GetAsync(HttpClient client, string audience, CancellationToken cancellationToken)
    {
        using var request = Request(_address, audience);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _secret);
        using var response = await client.SendAsync(request, cancellationToken);
        var status = (int)response.StatusCode;
        if (status >= 500 || status == 429)
        {
            throw new HttpRequestException($"{Name} can't give out tokens now: it answered {status}.");
        }

        return response.IsSuccessStatusCode
            ? IdToken.Read(await ReadAsync(response, cancellationToken)) ?? throw Refused("its answer has none")
            : throw Refused($"it answered {status}");
    }

    /// <summary>Makes the request, but for the secret.</summary>
    protected abstract HttpRequestMessage Request(Uri address, string audience);

    /// <summary>Adds parameters to an address that may have some.</summary>
    protected static Uri With(Uri address, string parameters)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new UriBuilder(address) { Query = address.Query.Length > 1 ? $"{address.Query[1..]}&{parameters}" : parameters }.Uri;
    }

    private async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return document.RootElement.Text(Member) ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private CliFailure Refused(string how) => new(ExitCode.NotAuthorized, $"{Name} gives this job no OpenID Connect token: {how}.", RefusalHint);
}
