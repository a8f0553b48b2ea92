namespace CasFunctions.Notifications;

/// <summary>Stands in where no mail service is configured, and says so.</summary>
public sealed class NoMailSender : IMailSender
{
    /// <summary>Why no mail is sent.</summary>
    public const string Reason = "no mail service is configured";

    /// <inheritdoc/>
    public Task<MailResult> SendAsync(Mail mail, CancellationToken cancellationToken) =>
        Task.FromResult(new MailResult(MailOutcome.Refused, Reason));
}
