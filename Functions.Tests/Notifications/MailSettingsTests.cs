using CasFunctions.Notifications;
using Microsoft.Extensions.Options;

namespace CasFunctions.Tests.Notifications;

/// <summary>The section <c>Cas:Mail</c>.</summary>
public sealed class MailSettingsTests
{
    private const string Key = "Cas:Mail:SendGridKey=SG.secret";
    private const string From = "Cas:Mail:From=cas@example.com";

    [Theory]
    [InlineData("not both", Key, From, "Cas:Mail:Outbox=outbox")]
    [InlineData("needs From", Key)]
    [InlineData("without blanks", "Cas:Mail:SendGridKey=SG.secret\n", From)]
    [InlineData("plain e-mail address", Key, "Cas:Mail:From=CAS <cas@example.com>")]
    [InlineData("plain e-mail address", "Cas:Mail:Outbox=outbox", "Cas:Mail:From=cas@example.com\r\nBcc: victim@example.com")]
    [InlineData("https address", Key, From, "Cas:Mail:SendGridHost=http://api.sendgrid.example")]
    [InlineData("https address", Key, From, "Cas:Mail:SendGridHost=api.sendgrid.example")]
    public async Task The_app_does_not_start_with_settings_that_can_not_work(string reason, params string[] settings)
    {
        using var host = new MailHost(null, settings);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SG.secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_mail_service_the_start_and_each_result_say_so()
    {
        using var host = new MailHost(null, "Cas:Mail:SendGridKey=");
        await host.StartAsync();

        var results = await host.SendAsync(Notices.Invalid, "a@example.com", "b@example.com");

        Assert.Equal(["a@example.com", "b@example.com"], results.Select(result => result.Owner));
        Assert.All(results, result => Assert.Equal((MailOutcome.Refused, "no mail service is configured"), (result.Outcome, result.Reason)));
        Assert.Single(host.Log.Entries, entry => entry.Contains("Owners get no mails", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Key, From)]
    [InlineData(Key, From, "Cas:Mail:SendGridHost=https://api.eu.sendgrid.com")]
    [InlineData("Cas:Mail:Outbox=outbox")]
    public async Task A_configured_service_starts_without_a_warning(params string[] settings)
    {
        using var host = new MailHost(null, settings);

        await host.StartAsync();

        Assert.DoesNotContain(host.Log.Entries, entry => entry.Contains("Owners get no mails", StringComparison.Ordinal));
    }
}
