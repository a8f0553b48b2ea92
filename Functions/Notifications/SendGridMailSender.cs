using System.Globalization;
using System.Net;
using System.Text.Json;
using SendGrid;
using SendGrid.Helpers.Mail;
using MailAddress = SendGrid.Helpers.Mail.EmailAddress;

namespace CasFunctions.Notifications;

/// <summary>Sends mails through SendGrid's <c>POST /v3/mail/send</c>.</summary>
public sealed class SendGridMailSender : IMailSender, IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly string _key;
    private readonly string _from;
    private readonly HttpClient _http;
    private readonly SendGridClient _client;

    /// <summary>Makes a sender.</summary>
    /// <param name="key">The API key, with the right to send mails.</param>
    /// <param name="from">The sender's address, verified at SendGrid.</param>
    /// <param name="host">SendGrid's address; null for its own.</param>
    public SendGridMailSender(string key, string from, Uri? host = null)
    {
        _key = key;
        _from = from;

        // The address is the operator's, not a tenant's: the guard of outbound connections has no say in it.
#pragma warning disable RS0030
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
#pragma warning restore RS0030
        var options = new SendGridClientOptions { ApiKey = key };
        if (host is not null)
        {
            options.Host = host.AbsoluteUri.TrimEnd('/');
        }

        _client = new SendGridClient(_http, options);
    }

    /// <inheritdoc/>
    public async Task<MailResult> SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mail);
        var message = MailHelper.CreateSingleEmail(new MailAddress(_from), new MailAddress(mail.To), mail.Subject, mail.Text, mail.Html);

        // Tracking would rewrite the mail and report who reads it.
        message.SetClickTracking(enable: false, enableText: false);
        message.SetOpenTracking(enable: false);
        message.SetSubscriptionTracking(enable: false);

        var response = await _client.SendEmailAsync(message, cancellationToken);
        using var body = response.Body;
        if (response.IsSuccessStatusCode)
        {
            return new MailResult(MailOutcome.Delivered);
        }

        // 401 and 403 are about the operator's key: the owners are told as soon as it is right.
        var refused = response.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
            and not (HttpStatusCode.TooManyRequests or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
        return new MailResult(
            refused ? MailOutcome.Refused : MailOutcome.Retry,
            Describe(response.StatusCode, await body.ReadAsByteArrayAsync(cancellationToken)));
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private string Describe(HttpStatusCode status, byte[] answer)
    {
        var words = string.Join("; ", ReadErrors(answer).Where(error => error.Length > 0));
        var reason = string.Create(CultureInfo.InvariantCulture, $"SendGrid answered {(int)status}");
        return words.Length == 0 ? reason : UntrustedText.OneLine($"{reason}: {words}".Replace(_key, "…", StringComparison.Ordinal));
    }

    // {"errors": [{"message": "…", "field": …, "help": …}]}; what stands before SendGrid answers whatever it likes.
    private static List<string> ReadErrors(byte[] answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
                ? [.. errors.EnumerateArray().Select(ReadMessage)]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string ReadMessage(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message)
            && message.ValueKind == JsonValueKind.String
            ? message.GetString()!
            : "";
}
