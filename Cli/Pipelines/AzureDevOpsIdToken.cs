using System.Net.Http.Headers;

namespace CasFunctions.Cli.Pipelines;

/// <summary>
/// Azure Pipelines: a POST at the address in SYSTEM_OIDCREQUESTURI for a service connection
/// (https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create). Its audience is always
/// <c>api://AzureADTokenExchange</c>, so that the token has to be exchanged.
/// </summary>
internal sealed class AzureDevOpsIdToken(string address, string secret, string connection) : RequestedIdToken(AddressVariable, address, secret)
{
    /// <summary>The variable with the address.</summary>
    public const string AddressVariable = "SYSTEM_OIDCREQUESTURI";

    /// <summary>The variable with the secret, which a pipeline has to map.</summary>
    public const string SecretVariable = "SYSTEM_ACCESSTOKEN";

    private const string ApiVersion = "7.1";

    /// <inheritdoc/>
    public override string Name => "Azure Pipelines";

    /// <inheritdoc/>
    protected override string RefusalHint =>
        "The service connection has to use workload identity federation, and the pipeline has to be allowed to use it.";

    /// <inheritdoc/>
    protected override string Member => "oidcToken";

    /// <inheritdoc/>
    protected override HttpRequestMessage Request(Uri address, string audience)
    {
        var parameters = $"api-version={ApiVersion}&serviceConnectionId={Uri.EscapeDataString(connection)}";
        var request = new HttpRequestMessage(HttpMethod.Post, With(address, parameters)) { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        // Without it a refusal is a redirect to a page for people.
        request.Headers.Add("X-TFS-FedAuthRedirect", "Suppress");
        return request;
    }
}
