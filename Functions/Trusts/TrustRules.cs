using CasFunctions.Http;
using CasFunctions.Security;

namespace CasFunctions.Trusts;

/// <summary>What a trust has to be like, so that it lets in whom its owner means and nobody else.</summary>
public sealed class TrustRules(OutboundHandlerFactory outbound, TrustAudience audiences)
{
    private const int MaxText = 500;
    private const int MaxClaims = 20;
    private const int MaxName = 100;
    private const int MaxDescription = 200;
    private static readonly TimeSpan LongestExpiry = TimeSpan.FromDays(3660);

    /// <summary>Checks a request.</summary>
    /// <exception cref="ProblemException">400 with what is wrong and why.</exception>
    public void Check(NewTrust request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var issuer = CheckIssuer(request.Issuer);
        if (request.Role == Role.Owner)
        {
            throw Problems.InvalidRequest(
                "role",
                "A trust's role is viewer, downloader or uploader: what a pipeline runs must not change backends, tokens or trusts.");
        }

        CheckClaims(issuer, request.Claims);
        CheckAudience(request.Audience);
        if (request.Description is { Length: > MaxDescription })
        {
            throw Problems.InvalidRequest("description", "A trust's description has at most 200 characters.");
        }

        if (request.ExpiresInSeconds is { } seconds && (seconds <= 0 || seconds > LongestExpiry.TotalSeconds))
        {
            throw Problems.InvalidRequest("expiresInSeconds", "A trust expires after 1 second to 10 years, or never.");
        }
    }

    private Uri CheckIssuer(string issuer)
    {
        // The beginning first: of what is no http, Uri fails on some texts instead of refusing them.
        if (issuer.Length > MaxText
            || !issuer.StartsWith("https://", StringComparison.Ordinal)
            || !Uri.TryCreate(issuer, UriKind.Absolute, out var address)
            || address.Query.Length > 0
            || address.Fragment.Length > 0)
        {
            throw Problems.InvalidRequest("issuer", "An issuer is an https address without query, exactly as its tokens have it in 'iss'.");
        }

        try
        {
            outbound.CheckAddress(address);
            return address;
        }
        catch (OutboundRefusedException refused)
        {
            throw Problems.InvalidRequest("issuer", refused.Message);
        }
    }

    private static void CheckClaims(Uri issuer, IReadOnlyDictionary<string, string> claims)
    {
        if (claims.Count is 0 or > MaxClaims)
        {
            throw Problems.InvalidRequest("claims", "A trust names 1 to 20 claims.");
        }

        foreach (var (name, value) in claims)
        {
            if (name.Length is 0 or > MaxName || value is null or "" || value.Length > MaxText)
            {
                throw Problems.InvalidRequest("claims", "A claim's name has 1 to 100 characters and its value 1 to 500.");
            }

            if (IssuerPreset.NamesNobody(name))
            {
                throw Problems.InvalidRequest(
                    "claims",
                    $"'{name}' is checked of every token and tells nothing of who it was made for. Issuer and audience have members of "
                    + "their own.");
            }
        }

        var preset = IssuerPreset.For(issuer);
        if (preset.FindIdentity(claims) is null)
        {
            throw Problems.InvalidRequest(
                "claims",
                $"Nothing here holds on to one identity: name at least {preset.Ids} with its exact value. Names can be given up and taken "
                + "by others, and a pattern with * may fit theirs.");
        }
    }

    private void CheckAudience(string? audience)
    {
        if (audience is null)
        {
            if (audiences.Of("") is null)
            {
                throw new ProblemException(
                    409,
                    "no-public-address",
                    "The service has no public address",
                    "The audience of tokens is made of the service's address, which is not set.")
                {
                    Hint = "The operator sets Cas:PublicAddress. An issuer with a fixed audience can be trusted without: give 'audience'.",
                };
            }

            return;
        }

        if (audience.Length is 0 or > MaxText || audiences.IsOurs(audience))
        {
            throw Problems.InvalidRequest(
                "audience",
                "An audience is given where the issuer has a fixed one, in 1 to 500 characters; without it tokens are made for this "
                + "organization.");
        }
    }
}
