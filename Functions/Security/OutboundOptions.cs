namespace CasFunctions.Security;

/// <summary>
/// What the operator allows beyond public addresses on port 443, section <c>Cas:Outbound</c>. Applies to every address that a
/// tenant can enter: backends, registry token realms, OIDC issuers.
/// </summary>
public sealed class OutboundOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Outbound";

    /// <summary>Networks in CIDR notation that may be reached although they are not public, such as <c>10.1.0.0/16</c>.</summary>
    public IList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Ports besides 443 that may be reached.</summary>
    public IList<int> AllowedPorts { get; init; } = [];

    /// <summary>
    /// Host names (with optional <c>:port</c>) that may be spoken to over plain http, such as <c>127.0.0.1:5000</c>.
    /// </summary>
    public IList<string> PlainHttpHosts { get; init; } = [];
}
