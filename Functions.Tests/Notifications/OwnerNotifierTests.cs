using CasFunctions.Notifications;
using CasFunctions.Tests.Fakes;
using CasFunctions.Tests.Services;
using Microsoft.Extensions.Time.Testing;

namespace CasFunctions.Tests.Notifications;

/// <summary>What becomes of mails that go to SendGrid.</summary>
public sealed class OwnerNotifierTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_owner_gets_a_mail_of_his_own()
    {
        string[] owners = [.. Enumerable.Range(1, 9).Select(i => $"owner{i}@example.com")];
        await using var fake = await FakeSendGrid.StartAsync();
        using var host = MailHost.For(fake);

        var results = await host.SendAsync(Notices.Invalid, owners);

        Assert.Equal(owners.Select(owner => new OwnerMailResult(owner, MailOutcome.Delivered, null)), results);
        Assert.Equal(owners, fake.Mails.Select(mail => Assert.Single(mail.To)).Order(StringComparer.Ordinal));
        Assert.All(fake.Mails, mail =>
        {
            Assert.Equal("cas@example.com", mail.From);
            Assert.False(mail.Tracked);
            Assert.DoesNotContain("@example.com", mail.Text + mail.Html, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(400, MailOutcome.Refused)]
    [InlineData(401, MailOutcome.Retry)]
    [InlineData(403, MailOutcome.Retry)]
    [InlineData(413, MailOutcome.Refused)]
    [InlineData(429, MailOutcome.Retry)]
    [InlineData(500, MailOutcome.Retry)]
    [InlineData(503, MailOutcome.Retry)]
    public async Task A_refusal_is_permanent_or_passes_and_concerns_one_owner(int status, MailOutcome outcome)
    {
        await using var fake = await FakeSendGrid.StartAsync();
        fake.Refuse("b@example.com", status, "Not\r\nthis one.", retryAfterSeconds: status == 429 ? 600 : null);
        using var host = MailHost.For(fake);

        var results = await host.SendAsync(Notices.Invalid, "a@example.com", "b@example.com", "c@example.com");

        Assert.Equal(new OwnerMailResult("b@example.com", outcome, $"SendGrid answered {status}: Not this one."), results[1]);
        Assert.Equal([MailOutcome.Delivered, MailOutcome.Delivered], [results[0].Outcome, results[2].Outcome]);
        Assert.Equal(3, fake.Requests);

        fake.Take("b@example.com");
        Assert.Equal([new OwnerMailResult("b@example.com", MailOutcome.Delivered, null)], await host.SendAsync(Notices.Invalid, "b@example.com"));
    }

    [Theory]
    [InlineData(502, MailOutcome.Retry, "")]
    [InlineData(502, MailOutcome.Retry, "<html>Bad gateway</html>")]
    [InlineData(400, MailOutcome.Refused, "[]")]
    [InlineData(400, MailOutcome.Refused, """{"errors":[1,{"message":2},{}]}""")]
    public async Task An_answer_that_is_not_SendGrids_is_judged_by_its_status(int status, MailOutcome outcome, string text)
    {
        await using var fake = await FakeSendGrid.StartAsync();
        fake.Garble("a@example.com", status, text);
        using var host = MailHost.For(fake);

        var result = Assert.Single(await host.SendAsync(Notices.Invalid, "a@example.com"));

        Assert.Equal(new OwnerMailResult("a@example.com", outcome, $"SendGrid answered {status}"), result);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        await using var fake = await FakeSendGrid.StartAsync();
        fake.Garble("a@example.com", 400, new string('x', 1_000_000));
        using var host = MailHost.For(fake);

        var result = Assert.Single(await host.SendAsync(Notices.Invalid, "a@example.com"));

        Assert.Equal(MailOutcome.Retry, result.Outcome);
    }

    [Fact]
    public async Task A_stalled_mail_ends_at_its_time_limit_and_holds_up_no_other()
    {
        var time = new FakeTimeProvider();
        await using var fake = await FakeSendGrid.StartAsync();
        fake.Stall("a@example.com");
        using var host = MailHost.For(fake, time);

        var sending = host.SendAsync(Notices.Invalid, "a@example.com", "b@example.com");
        await Eventually.TrueAsync(_ => Task.FromResult(fake.Requests == 2 && fake.Mails.Count == 1), TimeSpan.FromSeconds(30), Cancellation);
        Assert.False(sending.IsCompleted);
        time.Advance(OwnerNotifier.TimeLimit);

        Assert.Equal(
            [
                new OwnerMailResult("a@example.com", MailOutcome.Retry, "the mail service did not answer within 20 seconds"),
                new OwnerMailResult("b@example.com", MailOutcome.Delivered, null),
            ],
            await sending.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task The_caller_can_end_the_sending()
    {
        await using var fake = await FakeSendGrid.StartAsync();
        fake.Stall("a@example.com");
        using var host = MailHost.For(fake);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var sending = host.Notifier.SendAsync(Notices.Invalid, ["a@example.com"], cancel.Token);
        await Eventually.TrueAsync(_ => Task.FromResult(fake.Requests == 1), TimeSpan.FromSeconds(30), Cancellation);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task A_mail_service_that_is_away_is_tried_again()
    {
        await using var fake = await FakeSendGrid.StartAsync();
        using var host = MailHost.For(fake);
        await fake.DisposeAsync();

        var results = await host.SendAsync(Notices.Invalid, "a@example.com");

        Assert.Equal([new OwnerMailResult("a@example.com", MailOutcome.Retry, "the mail service can't be reached")], results);
    }

    [Fact]
    public async Task The_key_stays_out_of_results_logs_and_mails()
    {
        const string WrongKey = "SG.another-key.0123456789";
        await using var fake = await FakeSendGrid.StartAsync();
        fake.Refuse("a@example.com", 403, $"The key {FakeSendGrid.Key} may not send.");
        using var host = MailHost.For(fake);
        using var wrong = MailHost.For(fake, key: WrongKey);
        await host.StartAsync();
        await wrong.StartAsync();

        var results = (await host.SendAsync(Notices.Invalid, "a@example.com", "b@example.com"))
            .Concat(await wrong.SendAsync(Notices.Invalid, "b@example.com"))
            .ToList();
        await fake.DisposeAsync();
        results.AddRange(await host.SendAsync(Notices.Invalid, "b@example.com"));

        Assert.Equal(
            [MailOutcome.Retry, MailOutcome.Delivered, MailOutcome.Retry, MailOutcome.Retry], results.Select(result => result.Outcome));
        Assert.Contains(host.Log.Entries, entry => entry.Contains("SendGrid answered 403", StringComparison.Ordinal));
        var written = results.Select(result => result.ToString()).Concat(host.Log.Entries).Concat(wrong.Log.Entries)
            .Concat(fake.Mails.Select(mail => mail.ToString()));
        Assert.All(written, text =>
        {
            Assert.DoesNotContain(FakeSendGrid.Key, text, StringComparison.Ordinal);
            Assert.DoesNotContain(WrongKey, text, StringComparison.Ordinal);
        });
    }
}
