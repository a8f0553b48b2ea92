using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CasFunctions.Usage;

/// <summary>Registers the usage.</summary>
public static class UsageRegistration
{
    /// <summary>Adds the <see cref="UsageMeter"/> and what writes its counts.</summary>
    public static IHostApplicationBuilder AddUsage(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<UsageMeter>();
        builder.Services.AddSingleton<UsageTable>();
        builder.Services.AddHostedService<UsageWriter>();
        return builder;
    }
}
