using System.Text.Json.Serialization;

namespace CasFunctions.Notifications;

/// <summary>What became of a mail.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MailOutcome>))]
public enum MailOutcome
{
    /// <summary>The mail service took it.</summary>
    [JsonStringEnumMemberName("delivered")]
    Delivered,

    /// <summary>The mail service won't take it, however often it is tried.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>It was not taken now and should be tried again later. In rare cases it arrived nevertheless.</summary>
    [JsonStringEnumMemberName("retry")]
    Retry,
}

/// <summary>What became of a mail, and why.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">One line that says why it was not delivered, without secrets; null when it was.</param>
public sealed record MailResult(MailOutcome Outcome, string? Reason = null);

/// <summary>What became of the mail to one owner.</summary>
/// <param name="Owner">The owner's address.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">One line that says why it was not delivered, without secrets; null when it was.</param>
public sealed record OwnerMailResult(string Owner, MailOutcome Outcome, string? Reason);
