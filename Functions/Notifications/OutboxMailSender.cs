using System.Globalization;
using MimeKit;

namespace CasFunctions.Notifications;

/// <summary>Writes each mail as a file that mail programs open (<c>.eml</c>, RFC 5322), for use without a mail service.</summary>
/// <param name="folder">The folder, made when it is missing.</param>
/// <param name="from">The sender's address.</param>
/// <param name="time">The clock.</param>
public sealed class OutboxMailSender(string folder, string from, TimeProvider time) : IMailSender
{
    /// <inheritdoc/>
    public async Task<MailResult> SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mail);
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString("n");
        var name = $"{now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{id}";
        using var message = new MimeMessage
        {
            Subject = mail.Subject,
            Date = now,
            MessageId = $"{id}@{from[(from.IndexOf('@', StringComparison.Ordinal) + 1)..]}",
            Body = new BodyBuilder { TextBody = mail.Text, HtmlBody = mail.Html }.ToMessageBody(),
        };
        message.From.Add(new MailboxAddress(null, from));
        message.To.Add(new MailboxAddress(null, mail.To));
        message.Prepare(EncodingConstraint.SevenBit);

        // Whoever watches the folder for mails never sees half of one.
        Directory.CreateDirectory(folder);
        var unfinished = Path.Combine(folder, $".{name}.tmp");
        try
        {
            await using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                await message.WriteToAsync(LineEnds, file, cancellationToken);
            }

            File.Move(unfinished, Path.Combine(folder, $"{name}.eml"));
        }
        finally
        {
            File.Delete(unfinished);
        }

        return new MailResult(MailOutcome.Delivered);
    }

    // RFC 5322, section 2.1: lines end with CRLF.
    private static FormatOptions LineEnds { get; } = CreateLineEnds();

    private static FormatOptions CreateLineEnds()
    {
        var options = FormatOptions.Default.Clone();
        options.NewLineFormat = NewLineFormat.Dos;
        return options;
    }
}
