using System.Globalization;
using CasFunctions.Digests;

namespace CasFunctions.Notifications;

/// <summary>Puts a notice into the words of a mail.</summary>
internal static class NoticeMail
{
    private const int ShownDigits = 12;

    /// <summary>Writes the mail; the same to every owner.</summary>
    public static async Task<(string Subject, string Text, string Html)> ComposeAsync(BackendNotice notice)
    {
        var subject = UntrustedText.OneLine(Subject(notice));
        var (text, html) = await MailTemplates.RenderAsync(notice.Kind, subject, Values(notice));
        return (subject, text, html);
    }

    // The provider's words and the artifact's name stay out of it: a subject is read first, and believed.
    private static string Subject(BackendNotice notice) => $"[{notice.Organization}] " + notice.Kind switch
    {
        NoticeKind.Recovered => $"{Title(notice)} works again",
        NoticeKind.ContentCorrupt => $"Backend {notice.Backend} lost or altered stored content: {Shorten(notice.Digest)}",
        _ => $"{Title(notice)} can't be used: " + (notice.UploadsGoTo is { } other ? $"new uploads go to {other}" : "new uploads fail"),
    };

    private static string Title(BackendNotice notice) => notice.Role switch
    {
        BackendRole.Default => $"Default backend {notice.Backend}",
        BackendRole.Fallback => $"Fallback backend {notice.Backend}",
        _ => $"Backend {notice.Backend}",
    };

    private static string? Shorten(string? digest) =>
        digest is { Length: > ShownDigits } && digest.StartsWith(Sha256Digest.Prefix, StringComparison.Ordinal)
        ? digest[..(Sha256Digest.Prefix.Length + ShownDigits)] + "…"
        : digest;

    private static Dictionary<string, string?> Values(BackendNotice notice) => new(StringComparer.Ordinal)
    {
        ["organization"] = Line(notice.Organization),
        ["backend"] = Line(notice.Backend),
        ["title"] = Line(Title(notice)),
        ["provider"] = Line(notice.Provider),
        ["location"] = Line(notice.Location),
        ["role"] = notice.Role switch
        {
            BackendRole.Default => "default",
            BackendRole.Fallback => "fallback",
            _ => "none",
        },
        ["reason"] = Line(notice.Reason),
        ["since"] = Time(notice.Since),
        ["at"] = Time(notice.At),
        ["uploadsGoTo"] = Line(notice.UploadsGoTo),
        ["digest"] = Line(notice.Digest),
        ["artifact"] = Line(notice.ArtifactName),
        ["command"] = RepairCommand.For(notice.Provider, Line(notice.Backend)!),
    };

    private static string? Line(string? text) => text is null || UntrustedText.OneLine(text) is not { Length: > 0 } line ? null : line;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
