using CasFunctions.Http;
using Microsoft.Extensions.Options;

namespace CasFunctions.Trusts;

/// <summary>
/// The audience of tokens that are meant for an organization here: <c>&lt;public address&gt;/orgs/&lt;organization&gt;</c>. The address is
/// the configured one only: that of a request is the client's to choose, and with it tokens made for another service would pass.
/// </summary>
public sealed class TrustAudience(IOptions<CasOptions> options)
{
    private readonly string? _prefix = options.Value.PublicAddress is { } address ? address.ToString().TrimEnd('/') + "/orgs/" : null;

    /// <summary>An organization's audience; null while the operator has set no public address.</summary>
    public string? Of(string organization) => _prefix is null ? null : _prefix + organization;

    /// <summary>True for an audience that names an organization of this service.</summary>
    public bool IsOurs(string audience)
    {
        ArgumentNullException.ThrowIfNull(audience);
        return _prefix is not null && audience.StartsWith(_prefix, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The organization that an audience names; null when it names none.</summary>
    public string? OrganizationOf(string audience)
    {
        ArgumentNullException.ThrowIfNull(audience);
        return _prefix is not null && audience.StartsWith(_prefix, StringComparison.Ordinal) && DnsLabel.IsValid(audience[_prefix.Length..])
            ? audience[_prefix.Length..]
            : null;
    }
}
