using CasFunctions.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CasFunctions.Notifications;

/// <summary>Registers the mails to owners.</summary>
public static partial class MailRegistration
{
    private const string LocalSender = "cas@localhost";

    /// <summary>
    /// Adds <see cref="OwnerNotifier"/> and the <see cref="IMailSender"/> that section <c>Cas:Mail</c> chooses. The app does not start
    /// when the section contradicts itself.
    /// </summary>
    public static IHostApplicationBuilder AddMail(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<MailOptions>().BindConfiguration(MailOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<MailOptions>, Validator>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(Create);
        builder.Services.AddSingleton<OwnerNotifier>();
        builder.Services.AddHostedService<Announcement>();
        return builder;
    }

    private static IMailSender Create(IServiceProvider services) => services.GetRequiredService<IOptions<MailOptions>>().Value switch
    {
        { SendGridKey: { Length: > 0 } key } options => new SendGridMailSender(key, options.From!, options.SendGridHost),
        { Outbox: { Length: > 0 } folder } options => new OutboxMailSender(
            folder, string.IsNullOrEmpty(options.From) ? LocalSender : options.From, services.GetRequiredService<TimeProvider>()),
        _ => new NoMailSender(),
    };

    /// <summary>Says at the start that owners get no mails, where that is so.</summary>
    private sealed partial class Announcement(IMailSender sender, ILogger<OwnerNotifier> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (sender is NoMailSender)
            {
                LogNoMail(logger);
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        [LoggerMessage(Level = LogLevel.Warning,
            Message = "Owners get no mails about broken backends: neither Cas:Mail:SendGridKey nor Cas:Mail:Outbox is set")]
        private static partial void LogNoMail(ILogger logger);
    }

    private sealed class Validator : IValidateOptions<MailOptions>
    {
        public ValidateOptionsResult Validate(string? name, MailOptions options)
        {
            var sendGrid = !string.IsNullOrEmpty(options.SendGridKey);
            if (sendGrid && !string.IsNullOrEmpty(options.Outbox))
            {
                return Fail($"set either {nameof(options.SendGridKey)} or {nameof(options.Outbox)}, not both.");
            }

            // Anything else would end in an error that shows the key as a malformed header.
            if (sendGrid && options.SendGridKey!.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                return Fail($"{nameof(options.SendGridKey)} must be visible ASCII characters without blanks or line breaks.");
            }

            if (sendGrid && string.IsNullOrEmpty(options.From))
            {
                return Fail($"{nameof(options.SendGridKey)} needs {nameof(options.From)}, an address that SendGrid knows as verified.");
            }

            if (!string.IsNullOrEmpty(options.From) && !EmailAddress.IsValid(options.From))
            {
                return Fail($"{nameof(options.From)} must be a plain e-mail address such as cas@example.com.");
            }

            return options.SendGridHost is not { } host || IsSafe(host)
                ? ValidateOptionsResult.Success
                : Fail($"{nameof(options.SendGridHost)} must be an https address such as https://api.eu.sendgrid.com.");
        }

        // The key travels in a header: unencrypted on this machine at most.
        private static bool IsSafe(Uri host) => host.IsAbsoluteUri
            && (host.Scheme == Uri.UriSchemeHttps || (host.Scheme == Uri.UriSchemeHttp && host.IsLoopback));

        private static ValidateOptionsResult Fail(string message) => ValidateOptionsResult.Fail($"{MailOptions.Section}: {message}");
    }
}
