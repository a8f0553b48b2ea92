using CasFunctions.Notifications;
using CasFunctions.Tests.Fakes;
using CasFunctions.Tests.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CasFunctions.Tests.Notifications;

/// <summary>The mail part of the service as its registration makes it, with a log that is kept down to the least entry.</summary>
internal sealed class MailHost : IDisposable
{
    private readonly IHost _host;

    public MailHost(TimeProvider? time, params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        foreach (var setting in settings)
        {
            var parts = setting.Split('=', 2);
            builder.Configuration[parts[0]] = parts[1];
        }

        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.AddMail();
        _host = builder.Build();
    }

    public LogCapture Log { get; } = new();

    public OwnerNotifier Notifier => _host.Services.GetRequiredService<OwnerNotifier>();

    public static MailHost For(FakeSendGrid fake, TimeProvider? time = null, string key = FakeSendGrid.Key) => new(
        time, $"Cas:Mail:SendGridKey={key}", "Cas:Mail:From=cas@example.com", $"Cas:Mail:SendGridHost={fake.Address}");

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public Task<IReadOnlyList<OwnerMailResult>> SendAsync(BackendNotice notice, params string[] owners) =>
        Notifier.SendAsync(notice, owners, TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _host.Dispose();
        Log.Dispose();
    }
}
