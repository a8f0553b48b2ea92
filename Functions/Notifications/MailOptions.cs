namespace CasFunctions.Notifications;

/// <summary>
/// How owners get their mails, section <c>Cas:Mail</c>. At most one of <see cref="SendGridKey"/> and <see cref="Outbox"/> is set;
/// with neither, no mails are sent.
/// </summary>
public sealed class MailOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Cas:Mail";

    /// <summary>SendGrid's API key, in Azure as a Key Vault reference. It needs the right "Mail Send" and no other.</summary>
    public string? SendGridKey { get; init; }

    /// <summary>SendGrid's address, when it is not <c>https://api.sendgrid.com</c>, such as <c>https://api.eu.sendgrid.com</c>.</summary>
    public Uri? SendGridHost { get; init; }

    /// <summary>The sender's address. SendGrid needs it and has to know it as verified.</summary>
    public string? From { get; init; }

    /// <summary>A folder into which mails are written as <c>.eml</c> files, for use without a mail service.</summary>
    public string? Outbox { get; init; }
}
