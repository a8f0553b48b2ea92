using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CasFunctions.Security;

/// <summary>Registers the outbound guard.</summary>
public static class OutboundRegistration
{
    /// <summary>
    /// Adds <see cref="OutboundHandlerFactory"/> with the options of section <c>Cas:Outbound</c>. An option that can't be read stops
    /// the app at its start.
    /// </summary>
    public static IHostApplicationBuilder AddOutbound(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<OutboundOptions>().BindConfiguration(OutboundOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<OutboundOptions>, Validator>();
        builder.Services.AddSingleton<OutboundHandlerFactory>();
        return builder;
    }

    private sealed class Validator : IValidateOptions<OutboundOptions>
    {
        public ValidateOptionsResult Validate(string? name, OutboundOptions options)
        {
            try
            {
                _ = new OutboundPolicy(options);
                using var trust = new OutboundTrust(options.TrustedCertificates);
                return ValidateOptionsResult.Success;
            }
            catch (InvalidOperationException e)
            {
                return ValidateOptionsResult.Fail(e.Message);
            }
        }
    }
}
