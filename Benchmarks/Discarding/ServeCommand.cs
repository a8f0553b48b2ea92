using System.CommandLine;
using CasFunctions.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CasFunctions.Benchmarks.Discarding;

/// <summary><c>serve</c>: the whole service with one provider more, which discards. Takes the service's settings.</summary>
internal static class ServeCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "serve";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Runs the service with a provider that discards.")
        {
            Hidden = true,
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var builder = CasApplication.CreateBuilder([.. parsed.UnmatchedTokens]);
            builder.Services.AddSingleton<IBlobProvider, DiscardProvider>();
            await builder.Build().RunAsync(cancellationToken);
            return 0;
        });
        return command;
    }
}
