using System.CommandLine;
using System.Security.Cryptography;
using CasFunctions.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Benchmarks.Limits;

/// <summary><c>limit</c>: the least that any service on Kestrel does with a body: reads it, and hashes it if told to.</summary>
internal static class LimitCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "limit";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var url = new Option<string>("--url") { Required = true, Description = "Where to listen." };
        var hash = new Option<bool>("--hash") { Description = "Hash the body with SHA-256." };
        var blocks = new Option<bool>("--service-blocks") { Description = "Give connections memory as the service does." };
        var command = new Command(Name, "Runs a server that reads bodies and drops them.") { url, hash, blocks };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls(parsed.GetRequiredValue(url));
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.Limits.MaxRequestBodySize = null;
                options.Limits.MinRequestBodyDataRate = null;
            });
            if (parsed.GetValue(blocks))
            {
                builder.Services.AddSingleton(TimeProvider.System);
                builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
            }

            await using var app = builder.Build();
            var hashes = parsed.GetValue(hash);
            app.Run(context => ReadAsync(context, hashes));
            await app.StartAsync(cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        });
        return command;
    }

    private static async Task ReadAsync(HttpContext context, bool hashes)
    {
        using var hash = hashes ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            if (hash is not null)
            {
                foreach (var segment in read.Buffer)
                {
                    hash.AppendData(segment.Span);
                }
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        if (hash is not null)
        {
            await context.Response.WriteAsync(Convert.ToHexStringLower(hash.GetHashAndReset()), context.RequestAborted);
        }
    }
}
