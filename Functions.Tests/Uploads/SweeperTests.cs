using System.Net;
using System.Security.Cryptography;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Tests.Uploads.Appends;
using CasFunctions.Uploads;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Uploads;

public sealed class SweeperTests(TestServices services)
{
    private const int Part = AppendCalls.Part;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("azure-blob")]
    [InlineData("aws-s3")]
    [InlineData("oci")]
    public async Task Of_expired_sessions_nothing_is_left(string provider)
    {
        var backends = await TestBackends.StartAsync(services, provider);
        var time = new ShiftedTime();
        await using var service = await CasService.StartAsync(services, backends.Ports, configure: builder => builder.Services.AddSingleton<TimeProvider>(time));
        var tenant = await service.NewTenantAsync();
        await backends.AddAsync(tenant, provider);

        var started = await NewAsync();
        (await tenant.AppendIetfAsync(started.Upload, 0, started.Content.AsMemory(0, Part + 1000), false)).Expect(HttpStatusCode.NoContent);
        var small = await NewAsync(5000);
        (await tenant.AppendIetfAsync(small.Upload, 0, small.Content.AsMemory(0, 1000), false)).Expect(HttpStatusCode.NoContent);
        var untouched = await NewAsync();
        var cancelled = await NewAsync();
        (await tenant.AppendIetfAsync(cancelled.Upload, 0, cancelled.Content.AsMemory(0, Part + 1000), false)).Expect(HttpStatusCode.NoContent);
        (await tenant.DeleteAsync(cancelled.Upload)).Expect(HttpStatusCode.NoContent);
        var committed = await NewAsync();
        (await tenant.AppendIetfAsync(committed.Upload, 0, committed.Content, true)).Expect(HttpStatusCode.Created);
        var open = await NewAsync();
        await using var zombie = await RawRequest.OpenAsync(
            tenant.Address, "PATCH", open.Upload, open.Content.Length, Cancellation, "Content-Type: application/partial-upload", "Upload-Offset: 0", "Upload-Complete: ?1");
        await zombie.SendAsync(open.Content.AsMemory(0, Part + 1000), Cancellation);
        await backends.AddForgottenUploadAsync(untouched.Content);
        if (provider == "aws-s3")
        {
            await Eventually.TrueAsync(async _ => (await backends.OpenUploadsAsync()).Count >= 3, TimeSpan.FromSeconds(60), Cancellation);
        }

        if (provider == "oci")
        {
            // A block that reaches the service's own storage after the sweep is for Azure to collect.
            var block = SessionStore.HashOf(open.Upload.Split('/')[^1]) + "/content";
            await Eventually.TrueAsync(async _ => (await StagedAsync(service)).Contains(block), TimeSpan.FromSeconds(60), Cancellation);
        }

        Assert.NotEmpty(await RowsAsync(service, "Sessions"));
        Assert.NotEmpty(await StagedAsync(service));

        time.Advance(TimeSpan.FromHours(12));
        var fresh = await NewAsync();
        time.Advance(TimeSpan.FromHours(13));
        var sweeper = service.Services.GetRequiredService<SessionSweeper>();
        await Task.WhenAll(sweeper.RunAsync(Cancellation), sweeper.RunAsync(Cancellation));
        await sweeper.RunAsync(Cancellation);

        var left = Assert.Single(await RowsAsync(service, "Sessions"));
        Assert.Equal(SessionStore.HashOf(fresh.Upload.Split('/')[^1]), left);
        Assert.Equal(left, Assert.Single(await RowsAsync(service, "SessionExpiry")));

        // The append that was open learns at its next write that it has lost the session, or when its client was idle for a minute.
        await Eventually.TrueAsync(
            async _ => (await StagedAsync(service)).Count + (await backends.OpenUploadsAsync()).Count == 0, TimeSpan.FromMinutes(3), Cancellation);
        await tenant.AssertStoredAsync(committed.Content);
        foreach (var (upload, _) in new[] { started, small, untouched, cancelled, committed, open })
        {
            (await tenant.HeadIetfAsync(upload)).Expect(HttpStatusCode.NotFound);
        }

        (await tenant.AppendIetfAsync(fresh.Upload, 0, fresh.Content, true)).Expect(HttpStatusCode.Created);

        async Task<(string Upload, byte[] Content)> NewAsync(int size = (2 * Part) + 100)
        {
            var content = RandomNumberGenerator.GetBytes(size);
            return (await tenant.NewIetfAsync(content), content);
        }
    }

    [Fact]
    public async Task A_committed_session_answers_for_a_day_after_its_commit()
    {
        var time = new ShiftedTime();
        await using var service = await CasService.StartAsync(services, configure: builder => builder.Services.AddSingleton<TimeProvider>(time));
        var tenant = await (await service.NewTenantAsync()).AddAzureAsync();
        var content = RandomNumberGenerator.GetBytes(1000);
        var upload = await tenant.NewIetfAsync(content);
        time.Advance(TimeSpan.FromHours(23));
        (await tenant.AppendIetfAsync(upload, 0, content, true)).Expect(HttpStatusCode.Created);
        var sweeper = service.Services.GetRequiredService<SessionSweeper>();

        time.Advance(TimeSpan.FromHours(23));
        await sweeper.RunAsync(Cancellation);
        Assert.Equal("?1", (await tenant.HeadIetfAsync(upload)).Expect(HttpStatusCode.NoContent).Field("Upload-Complete"));

        time.Advance(TimeSpan.FromHours(2));
        await sweeper.RunAsync(Cancellation);
        (await tenant.HeadIetfAsync(upload)).Expect(HttpStatusCode.NotFound);
        await tenant.AssertStoredAsync(content);
    }

    private static async Task<IReadOnlyList<string>> RowsAsync(CasService service, string table) =>
        await new TableClient(service.Azurite.ConnectionString, service.TablePrefix + table)
            .QueryAsync<TableEntity>(cancellationToken: Cancellation)
            .Select(row => row.RowKey)
            .ToListAsync(Cancellation);

    private static async Task<IReadOnlyList<string>> StagedAsync(CasService service) =>
        await new BlobContainerClient(service.Azurite.ConnectionString, service.TablePrefix.ToLowerInvariant() + "-staging")
            .GetBlobsAsync(BlobTraits.None, BlobStates.Uncommitted, null, Cancellation)
            .Select(blob => blob.Name)
            .ToListAsync(Cancellation);
}
