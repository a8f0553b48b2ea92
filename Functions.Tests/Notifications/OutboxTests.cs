using CasFunctions.Notifications;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.Time.Testing;
using MimeKit;

namespace CasFunctions.Tests.Notifications;

/// <summary>Mails as files.</summary>
public sealed class OutboxTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 46, 0, TimeSpan.Zero);

    [Fact]
    public async Task Each_mail_is_a_file_that_mail_programs_open()
    {
        using var folder = new TemporaryFolder();
        using var host = new MailHost(new FakeTimeProvider(Now), $"Cas:Mail:Outbox={folder["a/outbox"]}", "Cas:Mail:From=cas@example.com");
        const string Words = "zugriff verweigert: schlüssel abgelaufen 鍵\r\nBcc: victim@example.com";

        var results = await host.SendAsync(Notices.Invalid with { Reason = Words }, "a@example.com", "b@example.com");

        Assert.Equal([MailOutcome.Delivered, MailOutcome.Delivered], results.Select(result => result.Outcome));
        var files = Directory.GetFiles(folder["a/outbox"]);
        Assert.All(files, file => Assert.Equal(".eml", Path.GetExtension(file)));
        var mails = files.Select(file => MimeMessage.Load(file, TestContext.Current.CancellationToken)).OrderBy(mail => mail.To.ToString(), StringComparer.Ordinal).ToList();
        Assert.Equal(["a@example.com", "b@example.com"], mails.Select(mail => mail.To.ToString()));
        Assert.Equal(2, mails.Select(mail => mail.MessageId).Distinct(StringComparer.Ordinal).Count());
        Assert.All(mails, mail =>
        {
            Assert.Equal("cas@example.com", mail.From.ToString());
            Assert.Equal("[acme] Default backend ghcr can't be used: new uploads go to s3", mail.Subject);
            Assert.Equal(Now, mail.Date);
            Assert.Empty(mail.Bcc);
            Assert.Equal("multipart/alternative", mail.Body!.ContentType.MimeType);
            Assert.Contains("zugriff verweigert: schlüssel abgelaufen 鍵 Bcc: victim@example.com", mail.TextBody, StringComparison.Ordinal);
            Assert.Contains("cas backend update oci --name ghcr", mail.TextBody, StringComparison.Ordinal);
            Assert.EndsWith("</html>", mail.HtmlBody!.TrimEnd(), StringComparison.Ordinal);
        });
        Assert.All(files, file => Assert.DoesNotContain(File.ReadAllBytes(file), octet => octet > 127));
        Assert.All(files, file => Assert.DoesNotMatch("(?<!\r)\n", File.ReadAllText(file)));
    }

    [Fact]
    public async Task A_subject_beyond_ascii_is_encoded()
    {
        using var folder = new TemporaryFolder();
        using var host = new MailHost(null, $"Cas:Mail:Outbox={folder.FullPath}");

        await host.SendAsync(Notices.Corrupt, "a@example.com");

        var mail = MimeMessage.Load(Assert.Single(Directory.GetFiles(folder.FullPath)), TestContext.Current.CancellationToken);
        Assert.Equal("[acme] Backend ghcr lost or altered stored content: sha256:2cf24dba5fb0…", mail.Subject);
        Assert.Equal("cas@localhost", mail.From.ToString());
    }

    [Fact]
    public async Task A_folder_that_can_not_be_written_is_tried_again()
    {
        using var folder = new TemporaryFolder();
        using var host = new MailHost(null, $"Cas:Mail:Outbox={folder.Write("file", "not a folder")}");

        var result = Assert.Single(await host.SendAsync(Notices.Invalid, "a@example.com"));

        Assert.Equal(new OwnerMailResult("a@example.com", MailOutcome.Retry, "the mail could not be handed over"), result);
    }
}
