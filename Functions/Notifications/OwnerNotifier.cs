using Microsoft.Extensions.Logging;

namespace CasFunctions.Notifications;

/// <summary>Tells the owners of an organization about its backends by mail.</summary>
public sealed partial class OwnerNotifier(IMailSender sender, TimeProvider time, ILogger<OwnerNotifier> logger)
{
    private const int MailsInFlight = 4;

    /// <summary>How long one mail may take before it counts as <see cref="MailOutcome.Retry"/>.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Sends each owner a mail of his own, so that none learns the others' addresses, and says what became of each. Whatever the mail
    /// service does is a result, never an exception.
    /// </summary>
    /// <param name="notice">What happened.</param>
    /// <param name="owners">The addresses, each named once.</param>
    /// <param name="cancellationToken">Ends the sending; mails that are under way may arrive.</param>
    /// <returns>One result per owner, in the order of the owners.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IReadOnlyList<OwnerMailResult>> SendAsync(
        BackendNotice notice, IReadOnlyList<string> owners, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notice);
        ArgumentNullException.ThrowIfNull(owners);
        var (subject, text, html) = await NoticeMail.ComposeAsync(notice);
        var results = new OwnerMailResult[owners.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = MailsInFlight, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, owners.Count, options, async (i, token) =>
        {
            var result = await TryAsync(new Mail(owners[i], subject, text, html), token);
            if (result.Outcome != MailOutcome.Delivered)
            {
                LogNotDelivered(logger, notice.Backend, notice.Organization, result.Outcome, result.Reason);
            }

            results[i] = new OwnerMailResult(owners[i], result.Outcome, result.Reason);
        });
        return results;
    }

    private async Task<MailResult> TryAsync(Mail mail, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await sender.SendAsync(mail, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new MailResult(MailOutcome.Retry, $"the mail service did not answer within {TimeLimit.TotalSeconds:0} seconds");
        }
        catch (HttpRequestException e)
        {
            LogFailed(logger, e);
            return new MailResult(MailOutcome.Retry, "the mail service can't be reached");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A mail that can't be sent, for whatever reason, must not keep backends from being checked.
            LogFailed(logger, e);
            return new MailResult(MailOutcome.Retry, "the mail could not be handed over");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "A mail about backend {Backend} of organization {Organization} was not delivered ({Outcome}): {Reason}")]
    private static partial void LogNotDelivered(ILogger logger, string backend, string organization, MailOutcome outcome, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A mail could not be sent")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
