using System.Globalization;
using System.Text.Json;
using CasFunctions.Audit;
using CasFunctions.Backends;
using CasFunctions.Http;
using CasFunctions.Security;

namespace CasFunctions.Organizations;

/// <summary>Creates and changes organizations.</summary>
public sealed class OrganizationService(
    OrganizationStore store, TokenStore tokens, BackendCreation backends, AuditLog audit, TimeProvider time)
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

        await RecordAsync(
            organization.Name,
            Caller.Operator,
            AuditActions.OrganizationCreated,
            organization.Name,
            OwnersOf(organization),
            cancellationToken);
        await backends.AddInlineAsync(organization.Name, cancellationToken);
        var (token, record) = await tokens.CreateAsync(
            organization.Name, "first owner token", Role.Owner, Caller.Operator.Identity, null, cancellationToken);
        await RecordAsync(organization.Name, Caller.Operator, AuditActions.TokenCreated, record.Id, DetailsOf(record), cancellationToken);
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
        var (token, record) = await tokens.CreateAsync(
            organization, "owner token", Role.Owner, Caller.Operator.Identity, null, cancellationToken);
        await RecordAsync(organization, Caller.Operator, AuditActions.TokenCreated, record.Id, DetailsOf(record), cancellationToken);
        return TokenDocument.From(record) with { Token = token };
    }

    /// <summary>Shows an organization.</summary>
    public async Task<OrganizationDocument> GetAsync(string name, CancellationToken cancellationToken) =>
        Show(await store.FindAsync(name, cancellationToken) ?? throw Problems.NotFound("organization"));

    /// <summary>Changes an organization's owners.</summary>
    public async Task<OrganizationDocument> ChangeAsync(Caller caller, OrganizationChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(change);
        var changed = await store.ChangeOwnersAsync(caller.Organization, CheckOwners(change.Owners), cancellationToken)
            ?? throw Problems.NotFound("organization");
        await RecordAsync(changed.Name, caller, AuditActions.OrganizationChanged, changed.Name, OwnersOf(changed), cancellationToken);
        return Show(changed);
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
        var (token, record) = await tokens.CreateAsync(
            caller.Organization, request.Name, request.Role, caller.Identity, expiresAt, cancellationToken);
        await RecordAsync(caller.Organization, caller, AuditActions.TokenCreated, record.Id, DetailsOf(record), cancellationToken);
        return TokenDocument.From(record) with { Token = token };
    }

    /// <summary>Revokes a token.</summary>
    /// <exception cref="ProblemException">404 when there is no such token.</exception>
    public async Task RevokeTokenAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (!await tokens.RevokeAsync(caller.Organization, id, cancellationToken))
        {
            throw Problems.NotFound("token");
        }

        await RecordAsync(caller.Organization, caller, AuditActions.TokenRevoked, id, null, cancellationToken);
    }

    private Task RecordAsync(
        string organization,
        Caller caller,
        string action,
        string subject,
        IReadOnlyDictionary<string, string>? details,
        CancellationToken cancellationToken) =>
        audit.RecordNowAsync(
            new AuditEvent
            {
                Organization = organization,
                Actor = caller.Identity,
                Action = action,
                Subject = subject,
                Details = details,
            },
            cancellationToken);

    private static Dictionary<string, string> OwnersOf(Organization organization) =>
        new(StringComparer.Ordinal) { ["owners"] = string.Join(", ", organization.Owners) };

    private static Dictionary<string, string> DetailsOf(TokenRecord token)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["name"] = token.Name,
            ["role"] = JsonNamingPolicy.CamelCase.ConvertName(token.Role.ToString()),
        };
        if (token.ExpiresAt is { } expiresAt)
        {
            details["expiresAt"] = expiresAt.ToString("O", CultureInfo.InvariantCulture);
        }

        return details;
    }

    private static OrganizationDocument Show(Organization organization) =>
        new(organization.Name, organization.Owners, organization.CreatedAt);

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
