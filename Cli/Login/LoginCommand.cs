using System.CommandLine;
using CasFunctions.Cli.Commands;
using CasFunctions.Cli.Http;
using CasFunctions.Cli.Input;

namespace CasFunctions.Cli.Login;

/// <summary><c>cas login</c></summary>
internal static class LoginCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var token = new SecretOption("token", "API token", Account.TokenVariable);
        var command = new Command("login", "Keep the service's address and your token for further commands") { token.File, token.Stdin };
        return command
            .Does(async run =>
            {
                var address = AddressOf(run);
                var secret = await token.RequireAsync(run);
                await SaveAsync(run, new Account(address, secret));
            })
            .Example(
                "cas login --address https://cas.example.com",
                "cas login --address https://cas.example.com --token-file token.txt",
                "printenv TOKEN | cas login --address https://cas.example.com --token-stdin");
    }

    /// <summary>Checks a token at the service and keeps it.</summary>
    public static async Task SaveAsync(CommandRun run, Account account)
    {
        using var api = new CasApi(account);
        var organization = await api.GetAsync("/v1/organization", run.Cancellation);
        LoginFile.Write(new StoredLogin(account.Address, account.RequireToken()));
        if (account.Address is { Scheme: "http", IsLoopback: false })
        {
            run.Printer.Note("Warning: the token travels unencrypted, because the address begins with http.");
        }

        run.Printer.Note($"Logged in to {account.Address} as organization {organization.Json.Text("name")}.");
        run.Printer.Note($"The token is kept in {LoginFile.Location}, which only you can read.");
    }

    private static Uri AddressOf(CommandRun run)
    {
        if (run.Get(GlobalOptions.Address) is { } address)
        {
            return Account.ReadAddress(address);
        }

        return Account.Find(null, null).Address;
    }
}
