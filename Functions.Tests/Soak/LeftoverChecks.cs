using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CasFunctions.Tests.Http;
using CasFunctions.Tests.Services;
using CasFunctions.Uploads;
using Microsoft.Extensions.DependencyInjection;

namespace CasFunctions.Tests.Soak;

/// <summary>
/// What has to be gone when all sessions have expired and the sweeper has run: rows, parked and staged bytes, open uploads.
/// </summary>
internal sealed class LeftoverChecks(SoakWorld world, TestServices services)
{
    private const string Actor = "leftovers";
    private const int Runs = 3;

    /// <summary>Longer than a session lives and is remembered after that.</summary>
    private static readonly TimeSpan Later = TimeSpan.FromHours(60);

    /// <summary>Checks with an instance whose clock runs ahead; the others have to be down.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var prefix = world.Instances[0].Process.TablePrefix;
        var time = new ShiftedTime();
        await using var service = await CasService.StartAsync(
            services, world.Ports, world.Settings, builder => builder.Services.AddSingleton<TimeProvider>(time), prefix);
        var sweeper = service.Services.GetRequiredService<SessionSweeper>();
        var sessions = await RowsAsync(service, "Sessions", cancellationToken);
        var staged = await StagedAsync(service, cancellationToken);
        world.Journal.Write(Actor, $"{sessions.Count} sessions, {staged.Count} blobs");
        for (var run = 0; run < Runs; run++)
        {
            // A commit that was cut off is finished by the sweeper, and its session then kept for as long as any other.
            time.Advance(Later);
            await sweeper.RunAsync(cancellationToken);
        }

        foreach (var table in (string[])["Sessions", "SessionExpiry"])
        {
            Expect($"rows in {table}", await RowsAsync(service, table, cancellationToken));
        }

        Expect("blobs in the service's own storage", await StagedAsync(service, cancellationToken));
        foreach (var organization in world.Organizations)
        {
            foreach (var backend in organization.Backends.Take(2).Where(backend => backend.Provider == "aws-s3"))
            {
                Expect("open uploads at the S3 service", await world.Stores.OpenUploadsAsync(backend, cancellationToken));
            }
        }
    }

    private void Expect(string what, IReadOnlyList<string> left)
    {
        if (left.Count > 0)
        {
            var some = string.Join(", ", left.Take(5));
            throw world.Journal.Violation(Actor, $"{left.Count} {what} are left after the sweep, such as {some}.");
        }
    }

    private static async Task<IReadOnlyList<string>> RowsAsync(CasService service, string table, CancellationToken cancellationToken) =>
        await new TableClient(service.Azurite.ConnectionString, service.TablePrefix + table)
            .QueryAsync<TableEntity>(cancellationToken: cancellationToken)
            .Select(row => row.RowKey)
            .ToListAsync(cancellationToken);

    private static async Task<IReadOnlyList<string>> StagedAsync(CasService service, CancellationToken cancellationToken) =>
        await new BlobContainerClient(service.Azurite.ConnectionString, service.TablePrefix.ToLowerInvariant() + "-staging")
            .GetBlobsAsync(BlobTraits.None, BlobStates.Uncommitted, null, cancellationToken)
            .Select(blob => blob.Name)
            .ToListAsync(cancellationToken);
}
