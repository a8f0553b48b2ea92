using System.Text;
using CasFunctions.Cli.Commands;

namespace CasFunctions.Cli.Login;

/// <summary>A service and the token to use there.</summary>
/// <param name="Address">The service's address.</param>
/// <param name="Token">The token; null when there is none.</param>
internal sealed record Account(Uri Address, string? Token)
{
    /// <summary>The variable that holds the address.</summary>
    public const string AddressVariable = "CAS_ADDRESS";

    /// <summary>The variable that holds the token.</summary>
    public const string TokenVariable = "CAS_TOKEN";

    /// <summary>
    /// Finds out which service and token to use: the command line before the environment before the login. The token of the login goes to
    /// the address that it belongs to and to no other.
    /// </summary>
    /// <param name="address">The address on the command line, if any.</param>
    /// <exception cref="CliFailure">No address is known.</exception>
    public static Account Find(string? address)
    {
        var stored = LoginFile.Read();
        var named = address ?? Variable(AddressVariable);
        var chosen = named is null ? stored?.Address : ReadAddress(named);
        if (chosen is null)
        {
            throw CliFailure.Usage("No service is known.", "Log in first: cas login --address URL, or set CAS_ADDRESS and CAS_TOKEN.");
        }

        return new Account(chosen, Variable(TokenVariable) ?? (chosen == stored?.Address ? stored.Token : null));
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
        ExitCode.NotAuthorized, $"There is no token for {Address}.", "Log in with one: cas login --address URL, or set CAS_TOKEN.");

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Address = ").Append(Address);
        return true;
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value.Trim() : null;
}
