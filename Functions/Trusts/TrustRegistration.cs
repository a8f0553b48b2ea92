using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CasFunctions.Trusts;

/// <summary>Registers OIDC trusts.</summary>
public static class TrustRegistration
{
    /// <summary>Adds what verifies pipelines' tokens and manages the trusts in them.</summary>
    public static IHostApplicationBuilder AddTrusts(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<TrustAudience>();
        builder.Services.AddSingleton<TrustStore>();
        builder.Services.AddSingleton<TrustRules>();
        builder.Services.AddSingleton<TrustService>();
        builder.Services.AddSingleton<IssuerKeys>();
        builder.Services.AddSingleton<PipelineAuthenticator>();
        builder.Services.AddSingleton<TokenExchange>();
        return builder;
    }
}
