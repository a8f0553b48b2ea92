using System.Text;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Pipelines;

namespace CasFunctions.Cli.Login;

/// <summary>A service and the token to use there.</summary>
/// <param name="Address">The service's address.</param>
/// <param name="Token">The token; null when there is none.</param>
/// <param name="Organization">Without a token: the organization that a CI job logs in to by a token of its own.</param>
internal sealed record Account(Uri Address, string? Token, string? Organization = null)
{
    /// <summary>The variable that holds the address.</summary>
    public const string AddressVariable = "CAS_ADDRESS";

    /// <summary>The variable that holds the token.</summary>
    public const string TokenVariable = "CAS_TOKEN";

    /// <summary>The variable that holds the organization.</summary>
    public const string OrganizationVariable = "CAS_ORG";

    /// <summary>
    /// Finds out which service and token to use: the command line before the environment before the login. The token of the login goes to
    /// the address that it belongs to and to no other. Where neither has a token, a CI job uses its own.
    /// </summary>
    /// <param name="address">The address on the command line, if any.</param>
    /// <param name="organization">The organization on the command line, if any.</param>
    /// <exception cref="CliFailure">No address is known.</exception>
    public static Account Find(string? address, string? organization)
    {
        var stored = LoginFile.Read();
        var named = address ?? Variable(AddressVariable);
        var chosen = named is null ? stored?.Address : ReadAddress(named);
        if (chosen is null)
        {
            throw CliFailure.Usage("No service is known.", "Log in first: cas login --address URL, or set CAS_ADDRESS and CAS_TOKEN.");
        }

        var token = Variable(TokenVariable) ?? (chosen == stored?.Address ? stored.Token : null);
        return new Account(chosen, token, token is null ? organization ?? Variable(OrganizationVariable) : null);
    }

    /// <summary>Reads an address.</summary>
    /// <exception cref="CliFailure">It is none of a service.</exception>
    public static Uri ReadAddress(string text) =>
        Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var address) && address.Scheme is "https" or "http" && address is { UserInfo: "", Query: "" }
            ? address
            : throw CliFailure.Usage($"'{text}' is not the address of a service.", "It looks like https://cas.example.com");

    /// <summary>The token.</summary>
    /// <exception cref="CliFailure">There is none.</exception>
    public string RequireToken() => Token ?? throw new CliFailure(
        ExitCode.NotAuthorized,
        $"There is no token for {Address}.",
        (CiEnvironment.IsJob, Organization) switch
        {
            (true, _) => "Say whose organization this CI job belongs to, and its own token is used: set CAS_ORG. Or set CAS_TOKEN.",
            (_, not null) => "An organization's name is enough for CI jobs only. Log in: cas login --address URL, or set CAS_TOKEN.",
            _ => "Log in with one: cas login --address URL, or set CAS_TOKEN.",
        });

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Address = ").Append(Address);
        return true;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value.Trim() : null;
}
