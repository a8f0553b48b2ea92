using System.Net;
using System.Text.Json;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Validation;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Validation;

public sealed class ValidationTests(TestServices services)
{
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(31);
    private static readonly TimeSpan Troubled = TimeSpan.FromMinutes(6);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Owners_hear_once_of_a_failure_that_lasts_and_once_of_the_recovery()
    {
        await using var watched = await WatchedBackends.StartAsync(services);
        Assert.Equal("healthy", Status(await watched.PassAsync(Healthy)));

        watched.Backends.KillMain();
        Assert.Equal("suspect", Status(await watched.PassAsync(Healthy)));
        Assert.Empty(watched.Mail.Mails);

        Assert.Equal("invalid", Status(await watched.PassAsync(Troubled)));
        Assert.Single(watched.MailsTo(WatchedBackends.First));
        Assert.Single(watched.MailsTo(WatchedBackends.Second));
        Assert.All(watched.Mail.Mails, mail =>
        {
            Assert.Single(mail.To);
            Assert.Contains("new uploads go to spare", mail.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("cas backend update azure-blob --name main", mail.Text, StringComparison.Ordinal);
        });

        for (var hour = 0; hour < 24; hour++)
        {
            Assert.Equal("invalid", Status(await watched.PassAsync(TimeSpan.FromHours(1))));
        }

        Assert.Equal(2, watched.Mail.Mails.Count);
        watched.Backends.Proxy.Heal();
        Assert.Equal("healthy", Status(await watched.PassAsync(Troubled)));
        Assert.Equal(2, watched.MailsTo(WatchedBackends.First).Count);
        Assert.Equal(2, watched.MailsTo(WatchedBackends.Second).Count);
        Assert.Equal("healthy", Status(await watched.PassAsync(Healthy)));
        Assert.Equal(4, watched.Mail.Mails.Count);
    }

    [Fact]
    public async Task One_failure_that_passes_is_no_mail_worth()
    {
        await using var watched = await WatchedBackends.StartAsync(services);
        watched.Backends.KillMain();
        Assert.Equal("suspect", Status(await watched.PassAsync(Healthy)));
        watched.Backends.Proxy.Heal();
        Assert.Equal("healthy", Status(await watched.PassAsync(Troubled)));
        Assert.Empty(watched.Mail.Mails);
    }

    [Fact]
    public async Task Refused_credentials_are_told_at_once_and_uploads_that_fail_are_told_to_fail()
    {
        await using var watched = await WatchedBackends.StartAsync(services, fallback: false);
        watched.Backends.Proxy.Break(_ => true, Fault.Answer(403));

        Assert.Equal("invalid", Status(await watched.PassAsync(Healthy)));

        Assert.Equal(2, watched.Mail.Mails.Count);
        Assert.All(watched.Mail.Mails, mail => Assert.Contains("uploads fail", mail.Text, StringComparison.OrdinalIgnoreCase));
        (await watched.Tenant.PutArtifactAsync([1])).ExpectProblem(HttpStatusCode.ServiceUnavailable, "backend-unavailable");
    }

    [Fact]
    public async Task A_mail_that_is_not_taken_comes_on_a_later_run_and_only_to_whom_it_did_not_come()
    {
        await using var watched = await WatchedBackends.StartAsync(services);
        watched.Mail.Refuse(WatchedBackends.First, 429, retryAfterSeconds: 1);
        watched.Backends.Proxy.Break(_ => true, Fault.Answer(403));

        Assert.Equal("invalid", Status(await watched.PassAsync(Healthy)));
        Assert.Empty(watched.MailsTo(WatchedBackends.First));
        Assert.Single(watched.MailsTo(WatchedBackends.Second));
        Assert.True(Notice(await watched.ShowAsync()).GetProperty("pending").GetBoolean());

        watched.Mail.Take(WatchedBackends.First);
        await watched.PassAsync(Troubled);
        Assert.Single(watched.MailsTo(WatchedBackends.First));
        Assert.Single(watched.MailsTo(WatchedBackends.Second));
        Assert.False(Notice(await watched.ShowAsync()).GetProperty("pending").GetBoolean());
    }

    [Fact]
    public async Task A_mail_that_is_refused_for_good_is_shown_and_not_tried_again()
    {
        await using var watched = await WatchedBackends.StartAsync(services);
        watched.Mail.Refuse(WatchedBackends.First, 400, "The address is not valid.");
        watched.Backends.Proxy.Break(_ => true, Fault.Answer(403));

        await watched.PassAsync(Healthy);
        var requests = watched.Mail.Requests;
        await watched.PassAsync(Troubled);

        Assert.Equal(requests, watched.Mail.Requests);
        var refused = Notice(await watched.ShowAsync()).GetProperty("refused").EnumerateArray().Single();
        Assert.Equal(WatchedBackends.First, refused.GetProperty("owner").GetString());
        Assert.False(string.IsNullOrEmpty(refused.GetProperty("reason").GetString()));
        var viewer = await watched.Tenant.NewTokenAsync("viewer");
        Assert.DoesNotContain(WatchedBackends.First, (await watched.Tenant.GetAsync("/v1/backends/main", viewer)).Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_runs_at_once_tell_the_owners_once()
    {
        await using var watched = await WatchedBackends.StartAsync(services);
        var first = watched.Backends.Service;
        await using var other = await CasService.StartAsync(
            services,
            [watched.Backends.Proxy.Address.Port],
            new Dictionary<string, string>(WatchedBackends.MailSettings(watched.Mail), StringComparer.Ordinal) { ["Cas:Secrets:LocalPath"] = first.SecretsPath },
            builder => builder.Services.AddSingleton<TimeProvider>(watched.Clock),
            first.TablePrefix);
        watched.Backends.Proxy.Break(_ => true, Fault.Answer(403));
        watched.Clock.Ahead += Healthy;

        await Task.WhenAll(new[] { first, other, first, other }.Select(
            service => service.Services.GetRequiredService<BackendValidator>().ValidateDueAsync(Cancellation)));

        await Eventually.TrueAsync(async _ => !Notice(await watched.ShowAsync()).GetProperty("pending").GetBoolean(), TimeSpan.FromSeconds(30), Cancellation);
        Assert.Single(watched.MailsTo(WatchedBackends.First));
        Assert.Single(watched.MailsTo(WatchedBackends.Second));
    }

    [Fact]
    public async Task Backends_that_hang_do_not_delay_the_others()
    {
        const int Hanging = 20;
        const int Refusing = 20;
        const int Tenants = 100;
        var azurite = await services.AzuriteAsync();
        await using var hanging = await FaultProxy.StartAsync(azurite.BlobEndpoint);
        await using var refusing = await FaultProxy.StartAsync(azurite.BlobEndpoint);
        var clock = new ShiftedClock();
        await using var service = await CasService.StartAsync(
            services, [hanging.Address.Port, refusing.Address.Port], configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var tenants = await Task.WhenAll(Enumerable.Range(0, Tenants).Select(_ => service.NewTenantAsync()));
        for (var i = 0; i < Tenants; i++)
        {
            await AddAsync(tenants[i], "first", i < Hanging ? hanging.Through(azurite.ConnectionString) : azurite.ConnectionString, isDefault: true);
            await AddAsync(tenants[i], "second", i < Refusing ? refusing.Through(azurite.ConnectionString) : azurite.ConnectionString, isDefault: false);
        }

        hanging.Break(_ => true, Fault.Stall);
        refusing.Break(_ => true, Fault.Answer(403));
        clock.Ahead = Healthy;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));

        Assert.Equal(2 * Tenants, await service.Services.GetRequiredService<BackendValidator>().ValidateDueAsync(limit.Token));

        for (var i = 0; i < Tenants; i++)
        {
            Assert.Equal(i < Hanging ? "suspect" : "healthy", (await tenants[i].GetAsync("/v1/backends/first"))["status"]);
            Assert.Equal(i < Refusing ? "invalid" : "healthy", (await tenants[i].GetAsync("/v1/backends/second"))["status"]);
        }

        static async Task AddAsync(Tenant tenant, string name, string connectionString, bool isDefault) => (await tenant.PostAsync("/v1/backends", new
        {
            name,
            provider = "azure-blob",
            @default = isDefault,
            fallback = !isDefault,
            settings = new { container = tenant.Container.Name },
            credentials = new { connectionString },
        })).Expect(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_check_that_was_lost_is_entered_again()
    {
        await using var watched = await WatchedBackends.StartAsync(services);
        var service = watched.Backends.Service;
        var due = new Azure.Data.Tables.TableClient(service.Azurite.ConnectionString, service.TablePrefix + "Due");
        await foreach (var row in due.QueryAsync<Azure.Data.Tables.TableEntity>(cancellationToken: Cancellation))
        {
            await due.DeleteEntityAsync(row, cancellationToken: Cancellation);
        }

        watched.Clock.Ahead += TimeSpan.FromHours(24);
        await service.Services.GetRequiredService<BackendValidator>().RepairScheduleAsync(Cancellation);

        Assert.Equal("healthy", Status(await watched.PassAsync(TimeSpan.Zero)));
    }

    private static string? Status(JsonElement backend) => backend.GetProperty("status").GetString();

    private static JsonElement Notice(JsonElement backend) => backend.GetProperty("notices").EnumerateArray().Last();
}
