using CasFunctions.Backends;
using CasFunctions.Http;
using CasFunctions.Security;

namespace CasFunctions.Organizations;

/// <summary>Creates and changes organizations.</summary>
public sealed class OrganizationService(OrganizationStore store, TokenStore tokens, BackendService backends, TimeProvider time)
{
    private const int MaxOwners = 50;
    private const int MaxTokenName = 200;
    private static readonly TimeSpan LongestExpiry = TimeSpan.FromDays(3660);

    /// <summary>Creates an organization with its inline backend and a first owner token.</summary>
    /// <exception cref="ProblemException">The request is not valid, or the name is taken.</exception>
    public async Task<OrganizationDocument> CreateAsync(NewOrganization request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!DnsLabel.IsValid(request.Name))
        {
            throw Problems.InvalidRequest("name", "An organization's name is a DNS label: 1 to 63 lowercase letters, digits and hyphens.");
        }

        var organization = new Organization(request.Name, CheckOwners(request.Owners), time.GetUtcNow());
        if (!await store.TryAddAsync(organization, cancellationToken))
        {
            throw new ProblemException(409, "name-taken", "The name is taken", $"There is an organization '{request.Name}' already.")
            {
                Hint = "Mint a token for it with POST /v1/organizations/{org}/tokens.",
            };
        }

        await backends.AddInlineAsync(organization.Name, cancellationToken);
        var (token, _) = await tokens.CreateAsync(organization.Name, "first owner token", Role.Owner, Caller.Operator.Identity, null, cancellationToken);
        return new OrganizationDocument(organization.Name, organization.Owners, organization.CreatedAt, token);
    }

    /// <summary>Mints an owner token for an organization that exists, repairing one whose creation broke off.</summary>
    /// <exception cref="ProblemException">404 when there is no such organization.</exception>
    public async Task<TokenDocument> MintOwnerTokenAsync(string organization, CancellationToken cancellationToken)
    {
        if (!DnsLabel.IsValid(organization) || await store.FindAsync(organization, cancellationToken) is null)
        {
            throw Problems.NotFound("organization");
        }

        await backends.AddInlineAsync(organization, cancellationToken);
        var (token, record) = await tokens.CreateAsync(organization, "owner token", Role.Owner, Caller.Operator.Identity, null, cancellationToken);
        return TokenDocument.From(record) with { Token = token };
    }

    /// <summary>Shows an organization.</summary>
    public async Task<OrganizationDocument> GetAsync(string name, CancellationToken cancellationToken) =>
        Show(await store.FindAsync(name, cancellationToken) ?? throw Problems.NotFound("organization"));

    /// <summary>Changes an organization's owners.</summary>
    public async Task<OrganizationDocument> ChangeAsync(string name, OrganizationChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Show(await store.ChangeOwnersAsync(name, CheckOwners(change.Owners), cancellationToken) ?? throw Problems.NotFound("organization"));
    }

    /// <summary>Makes a token.</summary>
    /// <exception cref="ProblemException">The request is not valid.</exception>
    public async Task<TokenDocument> CreateTokenAsync(Caller caller, NewToken request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > MaxTokenName)
        {
            throw Problems.InvalidRequest("name", "A token's name says what it is for, in 1 to 200 characters.");
        }

        if (request.ExpiresInSeconds is { } seconds && (seconds <= 0 || seconds > LongestExpiry.TotalSeconds))
        {
            throw Problems.InvalidRequest("expiresInSeconds", "A token expires after 1 second to 10 years, or never.");
        }

        var expiresAt = request.ExpiresInSeconds is { } lifetime ? time.GetUtcNow().AddSeconds(lifetime) : (DateTimeOffset?)null;
        var (token, record) = await tokens.CreateAsync(caller.Organization, request.Name, request.Role, caller.Identity, expiresAt, cancellationToken);
        return TokenDocument.From(record) with { Token = token };
    }

    private static OrganizationDocument Show(Organization organization) => new(organization.Name, organization.Owners, organization.CreatedAt);

    private static List<string> CheckOwners(IReadOnlyList<string>? owners)
    {
        if (owners is not { Count: > 0 and <= MaxOwners })
        {
            throw Problems.InvalidRequest("owners", "Give 1 to 50 e-mail addresses of owners; they hear of broken backends.");
        }

        foreach (var owner in owners)
        {
            if (!EmailAddress.IsValid(owner))
            {
                throw Problems.InvalidRequest("owners", $"'{owner}' is not an e-mail address.");
            }
        }

        return [.. owners.Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}
