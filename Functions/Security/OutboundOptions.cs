namespace CasFunctions.Security;

/// <summary>
/// What the operator allows beyond public addresses on port 443, section <c>Cas:Outbound</c>. Applies to every address that a
/// tenant can enter: backends, registry token realms, OIDC issuers.
/// </summary>
public sealed class OutboundOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Outbound";

    /// <summary>
    /// Networks in CIDR notation that may be reached although they are not public, such as <c>10.1.0.0/16</c>. The metadata
    /// services of the clouds stay closed even when a network listed here contains them.
    /// </summary>
    public IList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Ports besides 443 that may be reached.</summary>
    public IList<int> AllowedPorts { get; init; } = [];

    /// <summary>
    /// Host names (with optional <c>:port</c>) that may be spoken to over plain http, such as <c>127.0.0.1:5000</c>. An entry with
    /// a port opens that port on that host, an entry without one opens port 80; other ports have to be in
    /// <see cref="AllowedPorts"/>. The host's network has to be allowed as well unless it is public.
    /// </summary>
    public IList<string> PlainHttpHosts { get; init; } = [];

    /// <summary>
    /// PEM files with certificates of authorities that are trusted besides the system's, such as a company's own authority for
    /// private endpoints.
    /// </summary>
    public IList<string> TrustedCertificates { get; init; } = [];
}
