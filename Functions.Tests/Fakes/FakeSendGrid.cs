using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using CasFunctions.Tests.Services;
using Microsoft.AspNetCore.Http;

namespace CasFunctions.Tests.Fakes;

/// <summary>
/// SendGrid's <c>POST /v3/mail/send</c> over http, as far as the real client uses it. No emulator exists. It takes every well-formed
/// mail and keeps it, unless an answer for its receiver was ordered.
/// </summary>
public sealed class FakeSendGrid : IAsyncDisposable
{
    public const string Key = "SG.fake-key_of-the-tests.0123456789abcdefghijklmnopqrstuvwxyz";

    private readonly ConcurrentQueue<SentMail> _mails = [];
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new(StringComparer.Ordinal);
    private LoopbackServer _server = null!;
    private int _requests;

    private FakeSendGrid()
    {
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => _server.Address;

    /// <summary>The mails that it took.</summary>
    public IReadOnlyCollection<SentMail> Mails => _mails;

    /// <summary>How many requests arrived.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<FakeSendGrid> StartAsync()
    {
        var fake = new FakeSendGrid();
        fake._server = await LoopbackServer.StartAsync(null, fake.AnswerAsync);
        return fake;
    }

    /// <summary>Answers mails to an address with an error from now on.</summary>
    /// <param name="to">The address.</param>
    /// <param name="status">The status.</param>
    /// <param name="message">SendGrid's words; null for an answer without a body.</param>
    /// <param name="retryAfterSeconds">What Retry-After says.</param>
    public void Refuse(string to, int status, string? message = null, int? retryAfterSeconds = null) => _answers[to] = context =>
        RefuseAsync(context, status, message, retryAfterSeconds);

    /// <summary>Answers mails to an address with text that is not SendGrid's, as a proxy in between may.</summary>
    public void Garble(string to, int status, string text) => _answers[to] = context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text);
    };

    /// <summary>Never answers mails to an address.</summary>
    public void Stall(string to) => _answers[to] = context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);

    /// <summary>Takes mails to an address again.</summary>
    public void Take(string to) => _answers.TryRemove(to, out _);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        var request = context.Request;
        if (request.Method != HttpMethods.Post || request.Path != "/v3/mail/send")
        {
            await RefuseAsync(context, 404, "not found", null);
        }
        else if (request.Headers.Authorization != $"Bearer {Key}")
        {
            await RefuseAsync(context, 401, "The provided authorization grant is invalid, expired, or revoked", null);
        }
        else if (request.ContentType != "application/json")
        {
            await RefuseAsync(context, 415, "Content-Type should be application/json.", null);
        }
        else if (Read(await JsonNode.ParseAsync(request.Body)) is not { } mail)
        {
            await RefuseAsync(context, 400, "Bad Request", null);
        }
        else if (mail.To is [var to] && _answers.TryGetValue(to, out var answer))
        {
            await answer(context);
        }
        else
        {
            _mails.Enqueue(mail);
            context.Response.Headers["X-Message-Id"] = Guid.NewGuid().ToString("N");
            context.Response.StatusCode = StatusCodes.Status202Accepted;
        }
    }

    // As SendGrid demands: plain text first, then HTML, a subject without line breaks, at least one receiver.
    private static SentMail? Read(JsonNode? body)
    {
        var content = body?["content"]?.AsArray().Select(part => ((string?)part!["type"], (string?)part["value"])).ToList();
        var receivers = body?["personalizations"]?.AsArray()
            .SelectMany(person => new[] { "to", "cc", "bcc" }.SelectMany(kind => person![kind]?.AsArray().Select(to => (string)to!["email"]!) ?? []))
            .ToList();
        var subject = (string?)body?["subject"] ?? (string?)body?["personalizations"]?[0]?["subject"];
        return content is [("text/plain", { Length: > 0 } text), ("text/html", { Length: > 0 } html)]
            && receivers is { Count: > 0 }
            && (string?)body!["from"]?["email"] is { Length: > 0 } from
            && subject is { Length: > 0 } && !subject.AsSpan().ContainsAny('\r', '\n')
            ? new SentMail(receivers, from, subject, text, html, (bool?)body["tracking_settings"]?["click_tracking"]?["enable"] ?? true)
            : null;
    }

    private static async Task RefuseAsync(HttpContext context, int status, string? message, int? retryAfterSeconds)
    {
        context.Response.StatusCode = status;
        if (retryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (message is not null)
        {
            context.Response.ContentType = "application/json";
            var error = new JsonObject { ["message"] = message, ["field"] = null, ["help"] = null };
            await context.Response.WriteAsync(new JsonObject { ["errors"] = new JsonArray(error) }.ToJsonString());
        }
    }
}

/// <summary>A mail that the fake took.</summary>
/// <param name="To">All receivers, copies included.</param>
/// <param name="From">The sender.</param>
/// <param name="Subject">The subject.</param>
/// <param name="Text">The body as text.</param>
/// <param name="Html">The body as HTML.</param>
/// <param name="Tracked">Whether links are rewritten to count clicks.</param>
public sealed record SentMail(IReadOnlyList<string> To, string From, string Subject, string Text, string Html, bool Tracked);
