using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using CasFunctions.Notifications;
using CasFunctions.Tests.Fakes;

namespace CasFunctions.Tests.Notifications;

/// <summary>What owners read.</summary>
public sealed class MailContentTests
{
    [Theory]
    [InlineData("oci", "cas backend update oci --name ghcr --username USERNAME --password-stdin < password.txt")]
    [InlineData(
        "aws-s3",
        "cas backend update aws-s3 --name ghcr --access-key-id ACCESS_KEY_ID --secret-access-key-file secret-access-key.txt --region REGION")]
    [InlineData(
        "azure-blob", "cas backend update azure-blob --name ghcr --tenant TENANT_ID --client-id CLIENT_ID --client-secret-file client-secret.txt")]
    public async Task A_broken_backend_is_told_with_the_command_that_repairs_it(string provider, string command)
    {
        var (mail, html) = await SendAsync(Notices.Invalid with { Provider = provider });

        Assert.Equal("[acme] Default backend ghcr can't be used: new uploads go to s3", mail.Subject);
        Assert.Equal(command, html.QuerySelector("pre code")!.TextContent);
        Assert.Contains($"\n    {command}\n", mail.Text, StringComparison.Ordinal);
        AssertBoth(mail, html, "ghcr.io/acme/cas", "denied: token has expired", "2026-03-01 10:30 UTC", "2026-03-01 10:45 UTC", "New uploads go to s3.");
        Assert.Equal(mail.Subject, html.Title);
    }

    [Fact]
    public async Task It_is_said_that_uploads_fail()
    {
        var (mail, html) = await SendAsync(Notices.Invalid with { UploadsGoTo = null });

        Assert.Equal("[acme] Default backend ghcr can't be used: new uploads fail", mail.Subject);
        AssertBoth(mail, html, "New uploads fail: no other backend takes them.");
    }

    [Fact]
    public async Task A_broken_fallback_is_told_as_such()
    {
        var (mail, html) = await SendAsync(Notices.Invalid with { Role = BackendRole.Fallback });

        Assert.StartsWith("[acme] Fallback backend ghcr can't be used", mail.Subject, StringComparison.Ordinal);
        AssertBoth(mail, html, "New uploads go to s3. Should that fail, nothing takes its place.");
    }

    [Fact]
    public async Task A_recovery_is_told()
    {
        var (mail, html) = await SendAsync(Notices.Recovered);

        Assert.Equal("[acme] Default backend ghcr works again", mail.Subject);
        AssertBoth(mail, html, "ghcr.io/acme/cas", "2026-03-01 10:30 UTC", "2026-03-01 10:45 UTC", "New uploads go to ghcr.");
        Assert.DoesNotContain("cas backend update", mail.Text + mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recovered_fallback_tells_that_uploads_still_fail()
    {
        var (mail, html) = await SendAsync(Notices.Recovered with { Role = BackendRole.None, UploadsGoTo = null });

        Assert.Equal("[acme] Backend ghcr works again", mail.Subject);
        AssertBoth(mail, html, "New uploads fail: no usable backend is selected for them.");
    }

    [Theory]
    [InlineData("sbom.json")]
    [InlineData(null)]
    public async Task Altered_content_is_told_by_its_digest(string? artifact)
    {
        var (mail, html) = await SendAsync(Notices.Corrupt with { ArtifactName = artifact });

        Assert.Equal("[acme] Backend ghcr lost or altered stored content: sha256:2cf24dba5fb0…", mail.Subject);
        AssertBoth(mail, html, Notices.Digest, "ghcr.io/acme/cas", "2026-03-01 10:45 UTC", $"cas artifact verify -d {Notices.Digest}", artifact ?? "");
        Assert.Equal(artifact is not null, mail.Text.Contains("Artifact:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hostile_text_adds_nothing_to_the_html()
    {
        const string Attack = "</td></tr></table><script>alert(1)</script><img src=x onerror=alert(1)><a href='https://evil.example'>click</a> {{ organization }} {% raw %}";
        foreach (var notice in new[] { Notices.Invalid, Notices.Recovered, Notices.Corrupt })
        {
            var (_, plain) = await SendAsync(notice with { Reason = "reason", Location = "location", ArtifactName = "name" });
            var (mail, html) = await SendAsync(notice with { Reason = Attack, Location = Attack, ArtifactName = Attack });

            Assert.Equal(plain.All.Select(element => element.OuterHtml[..element.OuterHtml.IndexOf('>', StringComparison.Ordinal)]), html.All.Select(
                element => element.OuterHtml[..element.OuterHtml.IndexOf('>', StringComparison.Ordinal)]));
            AssertBoth(mail, html, Attack);
        }
    }

    [Fact]
    public async Task Line_breaks_in_hostile_text_forge_no_lines_and_no_subject()
    {
        const string Attack = "a\r\nBcc: victim@example.com\u2028\u2029\u0085\u0000\u202eb";
        var (plain, _) = await SendAsync(Notices.Invalid);
        var (mail, html) = await SendAsync(Notices.Invalid with { Reason = Attack, Location = Attack, Organization = Attack, Backend = Attack, UploadsGoTo = Attack });

        Assert.Equal("[a Bcc: victim@example.com b] Default backend a Bcc: victim@example.com b can't be used: new uploads go to a Bcc: victim@example.com b", mail.Subject);
        Assert.Equal(plain.Text.Split('\n').Length, mail.Text.Split('\n').Length);
        AssertBoth(mail, html, "In its own words", "a Bcc: victim@example.com b");
        Assert.Equal(["owner@example.com"], mail.To);
    }

    [Fact]
    public async Task Endless_words_of_a_provider_are_cut()
    {
        var (mail, _) = await SendAsync(Notices.Invalid with { Reason = new string('x', 1_000_000) });

        Assert.InRange(mail.Text.Length, 1000, 4000);
    }

    private static async Task<(SentMail Mail, IDocument Html)> SendAsync(BackendNotice notice)
    {
        await using var fake = await FakeSendGrid.StartAsync();
        using var host = MailHost.For(fake);
        Assert.Equal([new OwnerMailResult("owner@example.com", MailOutcome.Delivered, null)], await host.SendAsync(notice, "owner@example.com"));
        var mail = Assert.Single(fake.Mails);
        return (mail, await new HtmlParser().ParseDocumentAsync(mail.Html, TestContext.Current.CancellationToken));
    }

    private static void AssertBoth(SentMail mail, IDocument html, params string[] texts)
    {
        foreach (var text in texts)
        {
            Assert.Contains(text, mail.Text, StringComparison.Ordinal);
            Assert.Contains(text, html.Body!.TextContent, StringComparison.Ordinal);
        }
    }
}
