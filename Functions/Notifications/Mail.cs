namespace CasFunctions.Notifications;

/// <summary>A mail to one person.</summary>
/// <param name="To">The address, one that <see cref="Http.EmailAddress"/> accepts.</param>
/// <param name="Subject">The subject, one line.</param>
/// <param name="Text">The body as plain text.</param>
/// <param name="Html">The same as an HTML document.</param>
public sealed record Mail(string To, string Subject, string Text, string Html);
