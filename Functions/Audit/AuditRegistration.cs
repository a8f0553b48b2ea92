using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CasFunctions.Audit;

/// <summary>Registers the audit log.</summary>
public static class AuditRegistration
{
    /// <summary>Adds the <see cref="AuditLog"/> and what writes it.</summary>
    public static IHostApplicationBuilder AddAudit(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section)
            .Validate(
                options => options.RetentionDays is >= 0 and <= AuditOptions.MaxRetentionDays,
                "Cas:Audit:RetentionDays is 1 to 36500, or 0 to keep events for ever.")
            .ValidateOnStart();
        builder.Services.AddSingleton<AuditTable>();
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddSingleton<AuditRetention>();
        builder.Services.AddHostedService<AuditWriter>();
        return builder;
    }
}
