namespace CasFunctions.Notifications;

/// <summary>A way to send mails.</summary>
public interface IMailSender
{
    /// <summary>Sends a mail, or says why not.</summary>
    /// <exception cref="HttpRequestException">The mail service can't be reached.</exception>
    /// <exception cref="IOException">The mail can't be written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the mail may have been sent.</exception>
    Task<MailResult> SendAsync(Mail mail, CancellationToken cancellationToken);
}
