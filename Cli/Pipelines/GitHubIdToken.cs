using System.Net.Http.Headers;

namespace CasFunctions.Cli.Pipelines;

/// <summary>
/// GitHub Actions: a GET with the wanted audience at the address in ACTIONS_ID_TOKEN_REQUEST_URL
/// (https://docs.github.com/actions/reference/security/oidc).
/// </summary>
internal sealed class GitHubIdToken(string address, string secret) : RequestedIdToken(AddressVariable, address, secret)
{
    /// <summary>The variable with the address.</summary>
    public const string AddressVariable = "ACTIONS_ID_TOKEN_REQUEST_URL";

    /// <summary>The variable with the secret.</summary>
    public const string SecretVariable = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

    /// <inheritdoc/>
    public override string Name => "GitHub Actions";

    /// <inheritdoc/>
    protected override string RefusalHint => "The job needs the permission 'id-token: write'.";

    /// <inheritdoc/>
    protected override string Member => "value";

    /// <inheritdoc/>
    protected override HttpRequestMessage Request(Uri address, string audience)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, With(address, "audience=" + Uri.EscapeDataString(audience)));
        var accepted = new MediaTypeWithQualityHeaderValue("application/json");
        accepted.Parameters.Add(new NameValueHeaderValue("api-version", "2.0"));
        request.Headers.Accept.Add(accepted);
        return request;
    }
}
