using System.Net;
using System.Text.Json;
using CasFunctions.Tests.Backends;
using CasFunctions.Tests.Fakes;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Validation;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Validation;

/// <summary>A tenant with two owners and a default and a fallback backend, on a service whose clock and mail service the test rules.</summary>
internal sealed class WatchedBackends : IAsyncDisposable
{
    public const string First = "ada@example.com";
    public const string Second = "bob@example.com";

    private WatchedBackends(TwoBackends backends, FakeSendGrid mail, ShiftedClock clock)
    {
        Backends = backends;
        Mail = mail;
        Clock = clock;
    }

    public TwoBackends Backends { get; }

    public FakeSendGrid Mail { get; }

    public ShiftedClock Clock { get; }

    public Tenant Tenant => Backends.Tenant;

    public static IReadOnlyDictionary<string, string> MailSettings(FakeSendGrid mail) => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Cas:Mail:SendGridKey"] = FakeSendGrid.Key,
        ["Cas:Mail:From"] = "cas@example.com",
        ["Cas:Mail:SendGridHost"] = mail.Address.ToString(),
    };

    public static async Task<WatchedBackends> StartAsync(TestServices services, bool fallback = true)
    {
        var mail = await FakeSendGrid.StartAsync();
        var clock = new ShiftedClock();
        var backends = await TwoBackends.StartAsync(
            services, fallback, MailSettings(mail), builder => builder.Services.AddSingleton<TimeProvider>(clock));
        (await backends.Tenant.PatchAsync("/v1/organization", new { owners = new[] { First, Second } })).Expect(HttpStatusCode.OK);
        return new WatchedBackends(backends, mail, clock);
    }

    /// <summary>Lets time pass and has what is due by then checked.</summary>
    /// <returns>The default backend as the API shows it afterwards.</returns>
    public async Task<JsonElement> PassAsync(TimeSpan time)
    {
        var cancellation = TestContext.Current.CancellationToken;
        Clock.Ahead += time;
        var before = await ShowAsync();
        var validator = Backends.Service.Services.GetRequiredService<BackendValidator>();
        await validator.ValidateDueAsync(cancellation);

        // The service's own timer may have got there first, and be at it still.
        await Eventually.TrueAsync(
            async _ => (await ShowAsync()).GetProperty("checkedAt").GetDateTimeOffset() > before.GetProperty("checkedAt").GetDateTimeOffset(),
            TimeSpan.FromSeconds(60),
            cancellation);
        return await ShowAsync();
    }

    public async Task<JsonElement> ShowAsync() => (await Tenant.GetAsync("/v1/backends/main")).Expect(HttpStatusCode.OK).Json;

    /// <summary>The mails so far to an owner: their subjects.</summary>
    public IReadOnlyList<string> MailsTo(string owner) => [.. Mail.Mails.Where(mail => mail.To.Contains(owner)).Select(mail => mail.Subject)];

    public async ValueTask DisposeAsync()
    {
        await Backends.DisposeAsync();
        await Mail.DisposeAsync();
    }
}
